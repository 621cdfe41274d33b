// Locals of the field arithmetic are written before they are read; clearing them first would cost a third of the time.
[module: System.Runtime.CompilerServices.SkipLocalsInit]

namespace Opal.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        Console.Error.WriteLine(args.Length == 0 ? "opal: no verb given" : $"opal: unknown verb '{args[0]}'");
        return 2;
    }
}

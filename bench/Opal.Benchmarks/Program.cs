Console.Error.WriteLine("no benchmark named");
return 2;

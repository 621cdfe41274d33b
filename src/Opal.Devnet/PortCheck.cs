using System.Net;
using System.Net.Sockets;

namespace Opal.Devnet;

/// <summary>Looks whether every port is free before anything is started, so that a clash is one clear line.</summary>
internal static class PortCheck
{
    /// <exception cref="DevnetException">A port is taken or impossible.</exception>
    public static void Require(IEnumerable<(string Role, int Port)> ports)
    {
        foreach ((string role, int port) in ports)
        {
            if (port is <= 0 or > 65535) throw new DevnetException($"the {role} would get port {port}, which does not exist; choose another --port-offset");
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                probe.Listen(1);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                throw new DevnetException(
                    $"port {port}, which the {role} needs, is {(error.SocketErrorCode == SocketError.AccessDenied ? "not allowed" : "in use")}; " +
                    "stop the program that holds it, or move all ports with --port-offset 1000", error);
            }
        }
    }
}

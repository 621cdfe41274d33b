using System.Net.WebSockets;
using System.Text.Json;

namespace Opal.JsonRpc.Tests;

public class SubscriptionTests
{
    [Fact]
    public async Task Notifications_follow_the_id_and_end_with_unsubscribe()
    {
        RpcSubscription? opened = null;
        await using ServerFixture server = await ServerFixture.StartAsync(onSubscribed: subscription =>
        {
            opened = subscription;
            subscription.TryNotify(writer => writer.WriteStringValue("early"));
        });
        await using WebSocketTester socket = await WebSocketTester.ConnectAsync(server.Port);
        await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}""");
        string id = (await socket.ReceiveAsync()).GetProperty("result").GetString()!;
        JsonElement early = await socket.ReceiveAsync();
        Assert.Equal("eth_subscription", early.GetProperty("method").GetString());
        Assert.Equal(id, early.GetProperty("params").GetProperty("subscription").GetString());
        Assert.Equal("early", early.GetProperty("params").GetProperty("result").GetString());
        Assert.True(opened!.TryNotify(writer => writer.WriteNumberValue(2)));
        Assert.Equal(2, (await socket.ReceiveAsync()).GetProperty("params").GetProperty("result").GetInt32());

        await socket.SendAsync($$"""{"jsonrpc":"2.0","id":2,"method":"eth_unsubscribe","params":["{{id}}"]}""");
        Assert.True((await socket.ReceiveAsync()).GetProperty("result").GetBoolean());
        Assert.True(opened.Closed.IsCancellationRequested);
        Assert.False(opened.TryNotify(writer => writer.WriteNumberValue(3)));
        await socket.SendAsync($$"""{"jsonrpc":"2.0","id":3,"method":"eth_unsubscribe","params":["{{id}}"]}""");
        Assert.Equal(RpcErrorCode.ServerError, ServerFixture.CodeOf(await socket.ReceiveAsync()));
    }

    [Fact]
    public async Task Closing_the_connection_closes_its_subscriptions()
    {
        var opened = new TaskCompletionSource<RpcSubscription>();
        await using ServerFixture server = await ServerFixture.StartAsync(onSubscribed: opened.SetResult);
        await using (WebSocketTester socket = await WebSocketTester.ConnectAsync(server.Port))
        {
            await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}""");
            await socket.ReceiveAsync();
        }

        RpcSubscription subscription = await opened.Task;
        var closed = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = subscription.Closed.Register(closed.SetResult);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Subscriptions_of_one_connection_are_limited_and_unknown_ones_refused()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { MaxSubscriptions = 1 });
        await using WebSocketTester socket = await WebSocketTester.ConnectAsync(server.Port);
        await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["weather"]}""");
        Assert.Equal(RpcErrorCode.MethodNotFound, ServerFixture.CodeOf(await socket.ReceiveAsync()));
        await socket.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["newHeads"]}""");
        await socket.ReceiveAsync();
        await socket.SendAsync("""{"jsonrpc":"2.0","id":3,"method":"eth_subscribe","params":["newHeads"]}""");
        Assert.Equal(RpcErrorCode.ServerError, ServerFixture.CodeOf(await socket.ReceiveAsync()));
    }

    [Fact]
    public async Task A_slow_call_does_not_hold_up_the_next_one()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        await using WebSocketTester socket = await WebSocketTester.ConnectAsync(server.Port);
        await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"test_slow"}""");
        await socket.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"test_null"}""");
        Assert.Equal(2, (await socket.ReceiveAsync()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Origins_are_checked_when_a_browser_connects()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { WebSocketOrigins = ["http://wallet.example"] });
        await using WebSocketTester good = await WebSocketTester.ConnectAsync(server.Port, o => o.SetRequestHeader("Origin", "http://wallet.example"));
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketTester.ConnectAsync(server.Port, o => o.SetRequestHeader("Origin", "http://evil.example")));
    }
}

using Opal.Deployer.Tests;
using Opal.Devnet.Games;
using Opal.Primitives;
using Opal.Proposer.Tests;

namespace Opal.Devnet.Tests;

/// <summary>The devnet's challenger on the embedded L1 with the fault-proof contracts; it takes a step when told.</summary>
internal sealed class ResolverWorld : IAsyncDisposable
{
    private ResolverWorld(GameWorld chain)
    {
        Chain = chain;
        Games = new GameContracts(chain.L1, chain.Rollup.Addresses["DisputeGameFactoryProxy"], chain.Rollup.Addresses["DelayedWETHProxy"], chain.Manager(GameWorld.Challenger));
        Resolver = new GameResolver(Games, chain.Node, TimeSpan.FromSeconds(1), TimeProvider.System, Log);
    }

    public ListLog Log { get; } = new();

    public GameWorld Chain { get; }

    public GameContracts Games { get; }

    public GameResolver Resolver { get; }

    public static async Task<ResolverWorld> StartAsync()
    {
        GameWorld chain = await GameWorld.StartAsync();
        chain.Safe = 12;
        return new ResolverWorld(chain);
    }

    /// <summary>A stranger's game.</summary>
    public async Task<Address> MakeAsync(Hash256 root, ulong block)
    {
        await Chain.SendAsync(Chain.Rollup.Addresses["DisputeGameFactoryProxy"], "DisputeGameFactory", "create", 1000UL, 0UL, root, new UInt256(block).ToBigEndianArray());
        return await Games.GameAtAsync(await Games.CountAsync(default) - 1, default);
    }

    public async Task<Hash256> RightRootAsync(ulong block) => (await Chain.Node.OutputAtBlockAsync(block)).OutputRoot;

    public async Task<ulong> AnchorAsync() =>
        (await Chain.ReadAsync(Chain.Rollup.Addresses["AnchorStateRegistryProxy"], "AnchorStateRegistry", "anchors", 0UL))[1].AsUInt64();

    public Task<GameStatus> StatusAsync(Address game) => Games.StatusAsync(game, default);

    public async Task<int> ClaimsAsync(Address game) => (await Games.ParentsAsync(game, default)).Length;

    public Task StepAsync() => Resolver.StepAsync(default);

    public bool HasLogged(string text) => Log.Lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Resolver.DisposeAsync();
        await Chain.DisposeAsync();
    }
}

using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State.Durable;

/// <content>Listing.</content>
internal sealed partial class DurableView
{
    public StatePage<StateAccountEntry> ListAccounts(in Hash256 start, int limit)
    {
        StateReader reader = Rent();
        try
        {
            return StateLister.Accounts(reader, start, limit);
        }
        finally
        {
            Return(reader);
        }
    }

    public StatePage<StateSlotEntry> ListSlots(in Hash256 owner, in Hash256 start, int limit)
    {
        StateReader reader = Rent();
        try
        {
            return StateLister.Slots(reader, owner, start, limit);
        }
        finally
        {
            Return(reader);
        }
    }
}

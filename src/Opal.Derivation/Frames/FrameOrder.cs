namespace Opal.Derivation;

/// <summary>Holocene's order of frames within a queue (holocene/derivation.md#frame-queue; cases D-FQ-01 to 06).</summary>
internal static class FrameOrder
{
    /// <summary>Removes what cannot follow: pairs are looked at from front to back, and again wherever a frame was removed.</summary>
    /// <param name="frames">The queue.</param>
    /// <param name="dropped">Takes the frames removed, with the rule.</param>
    public static void Prune(List<Frame> frames, List<DroppedFrame> dropped)
    {
        for (int i = 0; i < frames.Count - 1;)
        {
            Frame current = frames[i], next = frames[i + 1];
            if (current.Channel == next.Channel)
            {
                if (current.IsLast) Remove(i + 1, FrameRule.AfterLast);
                else if (next.Number != current.Number + 1) Remove(i + 1, FrameRule.OutOfOrder);
                else i++;
            }
            else if (next.Number == 0 && !current.IsLast)
            {
                // a first frame takes the place of the unclosed channel before it, frame by frame
                Remove(i, FrameRule.Superseded);
                if (i > 0) i--;
            }
            else if (next.Number != 0)
            {
                Remove(i + 1, FrameRule.NoChannel);
            }
            else
            {
                i++;
            }
        }

        void Remove(int index, FrameRule rule)
        {
            dropped.Add(new DroppedFrame(frames[index], rule));
            frames.RemoveAt(index);
        }
    }

    /// <summary>A frame with the rule that removed it.</summary>
    internal readonly record struct DroppedFrame(Frame Frame, FrameRule Rule);
}

package io.mimir.audit;

/**
 * The place of an event in the chain of a node.
 *
 * @param node whose chain it is
 * @param position from 1, without gaps
 * @param previous the seal of the event before; empty for the first
 * @param seal over all of this and all that the event says
 */
public record ChainLink(String node, long position, String previous, String seal) {

  /** Puts an event at the end of a chain. */
  public static ChainLink after(ChainHead head, AuditEvent event, ChainKeys keys) {
    long position = head.position() + 1;
    String seal = keys.seal(text(head.node(), position, head.seal(), event));
    return new ChainLink(head.node(), position, head.seal(), seal);
  }

  /** Tells whether the event, at this place, is what was sealed. */
  public boolean isOf(AuditEvent event, ChainKeys keys) {
    return keys.isSealOf(seal, text(node, position, previous, event));
  }

  /** Returns the chain's end as it was with this event. */
  public ChainHead head() {
    return new ChainHead(node, position, seal);
  }

  private static String text(String node, long position, String previous, AuditEvent event) {
    return ChainKeys.join(
        node,
        position,
        previous,
        event.getId(),
        event.getAt(),
        event.getActor(),
        event.getAddress(),
        event.getAction(),
        event.getTarget(),
        event.getTargetId(),
        event.getTargetName(),
        event.getOutcome(),
        event.getChanges(),
        event.getRequestId());
  }
}

package io.mimir.command;

import io.mimir.audit.ChainHead;

/** Ends of an audit log, as a person gives them. */
final class Heads {

  private Heads() {}

  /**
   * Reads one.
   *
   * @throws CommandException when it is none
   */
  static ChainHead parse(String text) throws CommandException {
    return ChainHead.parse(text)
        .orElseThrow(
            () ->
                new CommandException(
                    "%s is no end of an audit log: it has the form node/position/seal"
                        .formatted(text)));
  }
}

package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;

/**
 * An example of each field in the table, and what is to become of it.
 *
 * @param rule the field as the table has it
 * @param given members of the client's body
 * @param expected {@code out:name} for a hint that is left out, {@code refused:field}, or {@code
 *     /pointer=json} for what the provider is told
 */
record FieldExample(
    WireProtocol client,
    WireProtocol upstream,
    String rule,
    String given,
    String expected,
    String model) {

  @Override
  public String toString() {
    return client + " to " + upstream + ": " + rule + " " + expected;
  }
}

package io.mimir.net;

/** Placeholder until the net feature lands in the next commit. */
public record EndpointUrl(String text) {
  public static EndpointUrl parse(String text) {
    return new EndpointUrl(text);
  }

  public String origin() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}

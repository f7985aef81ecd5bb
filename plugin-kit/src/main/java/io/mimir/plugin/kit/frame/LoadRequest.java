package io.mimir.plugin.kit.frame;

import java.nio.charset.StandardCharsets;

/**
 * The payload of LOAD.
 *
 * @param file the plugin's path, which the jail lets the host read
 * @param sha256 32 bytes that the file must hash to
 * @param config UTF-8 JSON for the plugin, secrets in clear; never logged
 * @param concurrency how many calls the plugin takes at once, from 1
 */
public record LoadRequest(String file, byte[] sha256, byte[] config, int concurrency) {

  public byte[] toPayload() {
    return Fields.pack(
        file.getBytes(StandardCharsets.UTF_8), sha256, config, Fields.number(concurrency));
  }

  /**
   * @throws FrameException when the payload is none
   */
  public static LoadRequest of(byte[] payload) throws FrameException {
    Fields fields = new Fields(payload);
    LoadRequest request =
        new LoadRequest(fields.text(), fields.bytes(), fields.bytes(), (int) fields.number());
    fields.end();
    return request;
  }

  @Override
  public String toString() {
    return "LoadRequest[" + file + "]";
  }
}

package io.mimir.plugin.kit.frame;

/**
 * The payload of LOAD. The file itself came before, in FILE frames: a host reads no files.
 *
 * @param sha256 32 bytes that the file must hash to
 * @param config UTF-8 JSON for the plugin, secrets in clear; never logged
 * @param concurrency how many calls the plugin takes at once, from 1
 */
public record LoadRequest(byte[] sha256, byte[] config, int concurrency) {

  public byte[] toPayload() {
    return Fields.pack(sha256, config, Fields.number(concurrency));
  }

  /**
   * @throws FrameException when the payload is none
   */
  public static LoadRequest of(byte[] payload) throws FrameException {
    Fields fields = new Fields(payload);
    LoadRequest request = new LoadRequest(fields.bytes(), fields.bytes(), (int) fields.number());
    fields.end();
    return request;
  }

  @Override
  public String toString() {
    return "LoadRequest[" + config.length + " bytes of configuration]";
  }
}

package io.mimir.llm.service.protocol;

import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How pictures are written: as addresses, as data URLs, or as bare base64. */
final class Images {

  private static final Pattern DATA =
      Pattern.compile("data:([^;,]+)(?:;[^;,]*)*;base64,(.*)", Pattern.DOTALL);

  private Images() {}

  /** A picture by a URL, which may hold it. */
  static Image ofUrl(ProtocolPair pair, String field, String url) {
    String scheme = url.substring(0, Math.min(8, url.length())).toLowerCase(Locale.ROOT);
    if (scheme.startsWith("https://") || scheme.startsWith("http://")) {
      return new Image(field, null, null, url);
    }
    Matcher data = DATA.matcher(url);
    if (!data.matches()) {
      throw pair.invalid(field, "must be an http, https or base64 data URL");
    }
    return new Image(field, data.group(1).toLowerCase(Locale.ROOT), data.group(2), null);
  }

  /** A picture without a word of its type, which its first bytes tell. */
  static Image ofBase64(ProtocolPair pair, String field, String base64) {
    String type = typeOf(base64);
    if (type == null) {
      throw pair.invalid(field, "must be a PNG, JPEG, GIF or WebP image in base64");
    }
    return new Image(field, type, base64, null);
  }

  private static String typeOf(String base64) {
    if (base64.startsWith("iVBORw0KGgo")) {
      return "image/png";
    }
    if (base64.startsWith("/9j/")) {
      return "image/jpeg";
    }
    if (base64.startsWith("R0lGOD")) {
      return "image/gif";
    }
    return base64.startsWith("UklGR") ? "image/webp" : null;
  }

  /** A file by a data URL, or by bare base64, which is taken for a PDF. */
  static Document document(ProtocolPair pair, String field, String name, String data) {
    if (!data.startsWith("data:")) {
      return new Document(field, name, "application/pdf", data, null);
    }
    Matcher url = DATA.matcher(data);
    if (!url.matches()) {
      throw pair.invalid(field, "must be a base64 data URL");
    }
    return new Document(field, name, url.group(1).toLowerCase(Locale.ROOT), url.group(2), null);
  }

  /** The one form in which OpenAI takes pictures. */
  static String url(Image image) {
    return image.url() != null
        ? image.url()
        : "data:" + image.mediaType() + ";base64," + image.base64();
  }
}

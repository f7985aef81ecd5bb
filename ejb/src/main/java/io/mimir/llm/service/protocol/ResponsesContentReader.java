package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import java.util.ArrayList;
import java.util.List;

/** Reads the content of messages and of results of tools in OpenAI's responses. */
final class ResponsesContentReader {

  private final ProtocolPair pair;

  ResponsesContentReader(ProtocolPair pair) {
    this.pair = pair;
  }

  List<Part> read(Fields item, String name) {
    List<Part> parts = new ArrayList<>();
    JsonNode content = item.take(name);
    if (content == null) {
      throw item.invalid(name, "is missing");
    }
    if (content.isTextual()) {
      Text.add(parts, content.textValue());
      return parts;
    }
    for (Fields part : item.objects(name)) {
      part(part, parts);
    }
    return parts;
  }

  private void part(Fields part, List<Part> parts) {
    switch (part.neededText("type")) {
      case "input_text", "output_text", "text", "summary_text" -> {
        Text.add(parts, part.neededText("text"));
        part.ignore("annotations", "logprobs", "parsed");
      }
      case "refusal" -> Text.add(parts, part.neededText("refusal"));
      case "input_image" -> parts.add(image(part));
      case "input_file" -> parts.add(file(part));
      default -> throw part.refused("type", "send texts, images and files only");
    }
    part.ignore("prompt_cache_breakpoint").done();
  }

  private Image image(Fields part) {
    if (part.has("file_id")) {
      throw part.refused("file_id", "send the image as a URL");
    }
    Image image = Images.ofUrl(pair, part.path("image_url"), part.neededText("image_url"));
    return new Image(image.field(), image.mediaType(), image.base64(), image.url(), detail(part));
  }

  /** The closest look is what holds anyway; only responses can ask for the original size. */
  private static String detail(Fields part) {
    String detail = part.text("detail");
    if (detail == null) {
      return null;
    }
    return switch (detail) {
      case "auto", "high", "original" -> null;
      case "low" -> detail;
      default -> throw part.invalid("detail", "must be auto, low, high or original");
    };
  }

  private Document file(Fields part) {
    if (part.has("file_id")) {
      throw part.refused("file_id", "send the file as file_data");
    }
    part.hintUnless("detail", "\"auto\"", "\"high\"");
    String name = part.text("filename");
    String url = part.text("file_url");
    if (url != null && !url.startsWith("data:")) {
      return new Document(part.path("file_url"), name, null, null, url);
    }
    String data = url == null ? part.neededText("file_data") : url;
    return Images.document(pair, part.path("file_data"), name, data);
  }
}

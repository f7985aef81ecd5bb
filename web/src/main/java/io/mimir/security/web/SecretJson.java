package io.mimir.security.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.mimir.security.Secret;
import io.mimir.web.Json;
import io.mimir.web.JsonTypes;
import java.io.IOException;
import java.util.Arrays;

/** Secrets in the bodies of the API: read without a string of them, and never written. */
public final class SecretJson implements JsonTypes {

  @Override
  public void addTo(SimpleModule types) {
    types.addDeserializer(Secret.class, new Reader());
  }

  private static final class Reader extends StdScalarDeserializer<Secret> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Secret.class);
    }

    @Override
    public Secret deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        throw new JsonMappingException(parser, "not a string");
      }
      Json.checked(parser.getText(), parser);
      int from = parser.getTextOffset();
      return Secret.taking(
          Arrays.copyOfRange(parser.getTextCharacters(), from, from + parser.getTextLength()));
    }
  }
}

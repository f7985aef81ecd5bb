package io.mimir.credential.web;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.mimir.credential.LastTest;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.web.JsonTypes;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Collectors;

/** Providers in the bodies of the API: by their ids. */
public final class ProviderJson implements JsonTypes {

  @Override
  public void addTo(SimpleModule types) {
    types.addDeserializer(Provider.class, new Reader());
    types.addSerializer(Provider.class, new Writer());
    types.setMixInAnnotation(LastTest.class, MembersOfTests.class);
  }

  /** What was found out is said where there is something; whether a test tells is its reason. */
  private interface MembersOfTests {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    LastTest.Findings findings();

    @JsonIgnore
    boolean isConclusive();
  }

  private static final class Reader extends StdScalarDeserializer<Provider> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Provider.class);
    }

    @Override
    public Provider deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      String names = Provider.all().stream().map(Provider::wire).collect(Collectors.joining(", "));
      Optional<Provider> named =
          Provider.ofWire(parser.hasToken(JsonToken.VALUE_STRING) ? parser.getText() : "");
      if (named.isEmpty()) {
        throw ProblemException.of(
            Problem.INVALID, parser.currentName(), "unknown_value", "Providers are " + names);
      }
      return named.get();
    }
  }

  private static final class Writer extends StdScalarSerializer<Provider> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(Provider.class);
    }

    @Override
    public void serialize(Provider provider, JsonGenerator json, SerializerProvider context)
        throws IOException {
      json.writeString(provider.wire());
    }
  }
}

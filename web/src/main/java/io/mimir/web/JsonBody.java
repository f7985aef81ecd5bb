package io.mimir.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.MessageBodyWriter;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.concurrent.TimeoutException;

/** Bodies of the API, in and out, through {@link Json}. */
@Provider
@Consumes({MediaType.APPLICATION_JSON, "application/*+json"})
@Produces({MediaType.APPLICATION_JSON, ProblemDetail.MEDIA_TYPE})
public class JsonBody implements MessageBodyReader<Object>, MessageBodyWriter<Object> {

  private static final int MAX_BODY_BYTES = 256 * 1024;

  @Override
  public boolean isReadable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
    return type.isRecord();
  }

  @Override
  public Object readFrom(
      Class<Object> type,
      Type generic,
      Annotation[] annotations,
      MediaType media,
      MultivaluedMap<String, String> headers,
      InputStream in)
      throws IOException {
    String charset = media.getParameters().getOrDefault("charset", "utf-8");
    if (!charset.equalsIgnoreCase("utf-8")) {
      throw new ProblemException(Problem.UNSUPPORTED_MEDIA_TYPE, "JSON is sent in UTF-8");
    }
    byte[] body = read(in);
    if (body.length > MAX_BODY_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "A body may have at most 256 KiB here");
    }
    return Json.read(body, type);
  }

  /** The server waits half a minute for the next byte, and has no exception of its own for that. */
  private static byte[] read(InputStream in) throws IOException {
    try {
      return in.readNBytes(MAX_BODY_BYTES + 1);
    } catch (IOException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof TimeoutException) {
          throw new ProblemException(
              Problem.REQUEST_TIMEOUT, "The rest of the body did not come: send it again");
        }
      }
      throw e;
    }
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
    return !CharSequence.class.isAssignableFrom(type)
        && type != byte[].class
        && !InputStream.class.isAssignableFrom(type)
        && !type.getName().startsWith("jakarta.");
  }

  @Override
  public void writeTo(
      Object value,
      Class<?> type,
      Type generic,
      Annotation[] annotations,
      MediaType media,
      MultivaluedMap<String, Object> headers,
      OutputStream out)
      throws IOException {
    byte[] body = Json.write(value);
    headers.putSingle(HttpHeaders.CONTENT_LENGTH, body.length);
    out.write(body);
  }
}

package io.mimir.chat.web;

import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.WriterInterceptor;
import jakarta.ws.rs.ext.WriterInterceptorContext;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * People stop answers all the time. Jersey flushes and closes the stream of one that has gone, and
 * would log each as a severe error with a stack trace.
 */
@Provider
public class QuietEnd implements WriterInterceptor {

  @Override
  public void aroundWriteTo(WriterInterceptorContext context) throws IOException {
    if (!(context.getEntity() instanceof Delivery delivery)) {
      context.proceed();
      return;
    }
    Leavable out = new Leavable(context.getOutputStream());
    context.setOutputStream(out);
    context.proceed();
    out.left = delivery.isGone();
  }

  /** A stream on which nothing happens any more once the reader has left. */
  private static final class Leavable extends FilterOutputStream {

    private boolean left;

    Leavable(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      if (!left) {
        out.flush();
      }
    }

    @Override
    public void close() throws IOException {
      if (!left) {
        out.close();
      }
    }
  }
}

package io.mimir.web.payara;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClientDisconnectsTest {

  /** The server's own classes, as far as they are asked. */
  public interface Inner {
    Object getUnwrappedCoyoteRequest();

    Object getCoyoteRequest();

    Object getContext();

    Object getConnection();

    SocketChannel getChannel();
  }

  @Test
  void aClientThatLeftBeforeItWasLookedAfterIsToldOf() throws IOException {
    ClientDisconnects departures = new ClientDisconnects();
    departures.scheduler =
        proxy(
            (self, method, arguments) -> {
              ((Runnable) arguments[0]).run();
              return null;
            },
            ManagedScheduledExecutorService.class);
    SocketChannel closed = SocketChannel.open();
    closed.close();
    ServletRequest request =
        proxy(
            (self, method, arguments) -> method.getName().equals("getChannel") ? closed : self,
            ServletRequest.class,
            Inner.class);
    AtomicInteger gone = new AtomicInteger();

    departures.watch(request, gone::incrementAndGet).end();

    assertEquals(1, gone.get());
    departures.stop();
  }

  private static <T> T proxy(InvocationHandler handler, Class<?>... types) {
    @SuppressWarnings("unchecked")
    T made = (T) Proxy.newProxyInstance(types[0].getClassLoader(), types, handler);
    return made;
  }
}

package io.mimir.web.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.service.RequestOrigin;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.metrics.service.HttpMetrics;
import io.mimir.security.web.ClientAddress;
import io.mimir.web.payara.OpenPort;
import io.mimir.web.payara.UpgradeOffers;
import jakarta.ejb.EJBAccessException;
import jakarta.ejb.EJBException;
import jakarta.faces.FacesException;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletMapping;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of exceptions that pages and the API let through. */
class RequestGuardFilterTest {

  private final RequestGuardFilter filter = new RequestGuardFilter();
  private final Map<String, Object> attributes = new HashMap<>();
  private int sent;

  RequestGuardFilterTest() {
    filter.readiness = new Readiness();
    filter.readiness.ready();
    filter.origin = new RequestOrigin();
    filter.flights = new RequestsInFlight();
    filter.times = new RequestTimes();
    filter.times.metrics = new HttpMetrics();
    filter.clientAddress =
        new ClientAddress() {
          @Override
          public String of(HttpServletRequest request) {
            return "127.0.0.1";
          }
        };
    filter.port =
        new OpenPort() {
          @Override
          public void seen(ServletRequest request) {}
        };
    filter.upgrades =
        new UpgradeOffers() {
          @Override
          public void refuse(HttpServletRequest request, HttpServletResponse response) {}
        };
  }

  /** A bean's word to its caller, as Faces passes it on when it builds a page. */
  private static Exception denial() {
    return new ServletException(new FacesException(new EJBAccessException("not authorized")));
  }

  private void ask(String path, Exception thrown) throws Exception {
    filter.doFilter(
        request(path),
        response(),
        (request, response) -> {
          if (thrown instanceof ServletException checked) {
            throw checked;
          }
          throw (RuntimeException) thrown;
        });
  }

  @Test
  void aPageThatABeanRefusesIsThePageThatSaysSo() throws Exception {
    ask("/settings/users", denial());

    assertThat(sent).isEqualTo(403);
  }

  @Test
  void whatABeanRefusesInTheApiIsAProblem() throws Exception {
    ask("/api/v1/settings/plugins/upload", denial());

    assertThat(sent).isEqualTo(403);
  }

  @Test
  void aFaultOfAPageIsForTheServerToLogAndShow() {
    EJBException fault = new EJBException(new IllegalStateException("broken"));

    assertThatThrownBy(() -> ask("/settings/users", fault)).isSameAs(fault);
    assertThat(sent).isZero();
  }

  private HttpServletRequest request(String path) {
    HttpServletMapping mapping =
        fake(HttpServletMapping.class, (proxy, method, arguments) -> "/settings/users");
    return fake(
        HttpServletRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getServletPath", "getRequestURI" -> path;
              case "getMethod" -> "GET";
              case "getHttpServletMapping" -> mapping;
              case "getAttribute" -> attributes.get(arguments[0]);
              case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
              case "getContentLengthLong" -> -1L;
              case "isSecure", "isAsyncStarted" -> false;
              default -> null;
            });
  }

  private HttpServletResponse response() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    return fake(
        HttpServletResponse.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "sendError", "setStatus" -> {
                sent = (int) arguments[0];
                yield null;
              }
              case "isCommitted" -> false;
              case "getStatus" -> sent;
              case "getOutputStream" -> new BytesOut(body);
              default -> null;
            });
  }

  private static final class BytesOut extends ServletOutputStream {

    private final ByteArrayOutputStream body;

    BytesOut(ByteArrayOutputStream body) {
      this.body = body;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(int one) {
      body.write(one);
    }
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            RequestGuardFilterTest.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}

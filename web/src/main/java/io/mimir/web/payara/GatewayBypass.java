package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.web.Requests;
import jakarta.security.auth.message.AuthException;
import jakarta.security.auth.message.AuthStatus;
import jakarta.security.auth.message.MessageInfo;
import jakarta.security.auth.message.config.AuthConfigFactory;
import jakarta.security.auth.message.config.AuthConfigProvider;
import jakarta.security.auth.message.config.ClientAuthConfig;
import jakarta.security.auth.message.config.ServerAuthConfig;
import jakarta.security.auth.message.config.ServerAuthContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.CallbackHandler;

/**
 * Keeps Jakarta Security out of the gateway's way. For each request the server looks its mechanism
 * up in JNDI and CDI, before and after the request, which takes a fifth of a call's time; the
 * gateway checks its callers' tokens itself and has no use for it. So the server's own provider
 * (Jakarta Authentication) is wrapped in one that answers for the gateway's addresses and leaves
 * all others to it.
 */
@WebListener
public class GatewayBypass implements ServletContextListener {

  private static final System.Logger LOG = System.getLogger(GatewayBypass.class.getName());
  private static final String LAYER = "HttpServlet";

  private String registration;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    String application = context.getVirtualServerName() + " " + context.getContextPath();
    AuthConfigFactory factory = AuthConfigFactory.getFactory();
    AuthConfigProvider own = factory.getConfigProvider(LAYER, application, null);
    if (own == null) {
      LOG.log(
          WARNING,
          "The server's authentication is not where it is expected: calls of the gateway are slower");
      return;
    }
    registration =
        factory.registerConfigProvider(new Provider(own), LAYER, application, "Mimir's gateway");
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (registration != null) {
      AuthConfigFactory.getFactory().removeRegistration(registration);
    }
  }

  private record Provider(AuthConfigProvider own) implements AuthConfigProvider {

    @Override
    public ClientAuthConfig getClientAuthConfig(
        String layer, String application, CallbackHandler handler) throws AuthException {
      return own.getClientAuthConfig(layer, application, handler);
    }

    @Override
    public ServerAuthConfig getServerAuthConfig(
        String layer, String application, CallbackHandler handler) throws AuthException {
      return new Config(own.getServerAuthConfig(layer, application, handler));
    }

    @Override
    public void refresh() {
      own.refresh();
    }
  }

  private record Config(ServerAuthConfig own) implements ServerAuthConfig {

    @Override
    public ServerAuthContext getAuthContext(
        String id, Subject service, Map<String, Object> properties) throws AuthException {
      ServerAuthContext context = own.getAuthContext(id, service, properties);
      return context == null ? null : new Context(context);
    }

    @Override
    public String getMessageLayer() {
      return own.getMessageLayer();
    }

    @Override
    public String getAppContext() {
      return own.getAppContext();
    }

    @Override
    public String getAuthContextID(MessageInfo message) {
      return own.getAuthContextID(message);
    }

    @Override
    public void refresh() {
      own.refresh();
    }

    @Override
    public boolean isProtected() {
      return own.isProtected();
    }
  }

  private record Context(ServerAuthContext own) implements ServerAuthContext {

    private static boolean isGateway(MessageInfo message) {
      return message.getRequestMessage() instanceof HttpServletRequest request
          && Requests.isGateway(request);
    }

    @Override
    public AuthStatus validateRequest(MessageInfo message, Subject client, Subject service)
        throws AuthException {
      return isGateway(message)
          ? AuthStatus.SUCCESS
          : own.validateRequest(message, client, service);
    }

    @Override
    public AuthStatus secureResponse(MessageInfo message, Subject service) throws AuthException {
      return isGateway(message) ? AuthStatus.SEND_SUCCESS : own.secureResponse(message, service);
    }

    @Override
    public void cleanSubject(MessageInfo message, Subject subject) throws AuthException {
      own.cleanSubject(message, subject);
    }
  }
}

package io.mimir.security.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.http.HttpServletRequest;

/** Where a request came from. */
@ApplicationScoped
public class ClientAddress {

  /** The address of the peer. */
  public String of(HttpServletRequest request) {
    return request.getRemoteAddr();
  }
}

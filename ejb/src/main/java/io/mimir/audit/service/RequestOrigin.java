package io.mimir.audit.service;

import jakarta.enterprise.context.RequestScoped;

/** Where the current request came from; filled by the web module before anything else happens. */
@RequestScoped
public class RequestOrigin {

  private String address;
  private String requestId;

  public void set(String clientAddress, String id) {
    this.address = clientAddress;
    this.requestId = id;
  }

  public String address() {
    return address;
  }

  public String requestId() {
    return requestId;
  }
}

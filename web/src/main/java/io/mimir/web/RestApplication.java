package io.mimir.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The API of the console. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {}

package io.mimir.web.app;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.web.SecurityConfig;
import io.mimir.web.Languages;
import io.mimir.web.Requests;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Keeps the language that a person chose on a page, and leads back to that page. The cookie tells
 * nothing of anybody, and is for people who are not signed in as well.
 */
@WebServlet("/language")
public class LanguageChoice extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient SecurityConfig config;

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) {
    String language = request.getParameter("lang");
    if (!Languages.isKnown(language)) {
      throw new ProblemException(Problem.INVALID, "Choose a language: lang is en or de");
    }
    response.addCookie(Languages.cookie(language, config.secureCookies()));
    String next = request.getParameter("next");
    leave(request, response, Requests.isOurs(next) ? next : "/");
  }

  /** Whoever comes here by an address finds a page all the same. */
  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) {
    leave(request, response, "/");
  }

  private static void leave(
      HttpServletRequest request, HttpServletResponse response, String address) {
    response.setStatus(HttpServletResponse.SC_SEE_OTHER);
    response.setHeader("Location", request.getContextPath() + address);
  }
}

package io.mimir.chat.web;

import io.mimir.web.Json;
import io.mimir.web.Texts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

/** Backs {@code chat.xhtml}: all else there is done by chat.js, through the API. */
@Named
@ApplicationScoped
public class ChatBacking {

  /** The words for the script, as the text of a JSON object. */
  public String getTexts() {
    return Json.text(Texts.below("chat."));
  }
}

package io.mimir.chat.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;
import static jakarta.ws.rs.core.MediaType.SERVER_SENT_EVENTS;

import io.mimir.chat.Conversation;
import io.mimir.chat.service.Answering;
import io.mimir.chat.service.Chat;
import io.mimir.chat.service.Chat.Cursor;
import io.mimir.chat.service.Question;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import io.mimir.web.Paging;
import io.mimir.web.Requests;
import io.mimir.web.payara.ClientDisconnects;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conversations with models, for whoever owns them. */
@Path("chat")
@RequestScoped
@Produces(APPLICATION_JSON)
public class ChatResource {

  /** Milliseconds and an id: where a page ended, even if that conversation moved up meanwhile. */
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})-(conv_[0-9A-Za-z]{1,40})");

  @EJB Chat chat;
  @Inject Caller caller;
  @Inject ClientDisconnects departures;
  @Resource ManagedExecutorService executor;

  /**
   * @param form null for an empty conversation
   */
  @POST
  @Consumes(APPLICATION_JSON)
  public Response create(ConversationForm form, @Context UriInfo uri) {
    ConversationForm sent = form == null ? ConversationForm.EMPTY : form;
    Conversation conversation = chat.create(caller.identity(), sent.toWish());
    return Response.created(Bodies.relative(uri, conversation.getId()))
        .entity(ConversationView.of(conversation))
        .build();
  }

  @GET
  public Response list(
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    int size = Paging.limit(limit);
    List<ConversationView> found =
        chat.list(caller.identity(), cursor(cursor), size + 1).stream()
            .map(ConversationView::of)
            .toList();
    return Paging.answer(
        found, size, view -> view.updatedAt().toEpochMilli() + "-" + view.id(), uri);
  }

  private static Cursor cursor(String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    Matcher matcher = CURSOR.matcher(text);
    if (!matcher.matches()) {
      throw ProblemException.of(
          Problem.INVALID, "cursor", "invalid", "Use the address of the Link header as it is");
    }
    return new Cursor(Instant.ofEpochMilli(Long.parseLong(matcher.group(1))), matcher.group(2));
  }

  @GET
  @Path("{id}")
  public ConversationView get(@PathParam("id") String id) {
    Identity identity = caller.identity();
    return ConversationView.of(chat.get(identity, id), chat.dialogue(identity, id));
  }

  @PUT
  @Path("{id}")
  @Consumes(APPLICATION_JSON)
  public ConversationView change(@PathParam("id") String id, ConversationForm form) {
    return ConversationView.of(chat.change(caller.identity(), id, Bodies.required(form).toWish()));
  }

  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("id") String id) {
    chat.delete(caller.identity(), id);
    return new Done(id, "Conversation deleted");
  }

  /**
   * Asks a model; no thread of the server waits for the answer. A client that goes away ends the
   * call to the provider.
   */
  @POST
  @Path("{id}/message")
  @Consumes(APPLICATION_JSON)
  @Produces({APPLICATION_JSON, SERVER_SENT_EVENTS})
  public void ask(
      @PathParam("id") String id,
      MessageForm form,
      @Suspended AsyncResponse response,
      @Context HttpServletRequest request) {
    Question question = Bodies.required(form).toQuestion();
    Delivery delivery = new Delivery(response, Requests.id(request), executor, question.streamed());
    Answering answering = chat.ask(caller.identity(), id, question, delivery::heard);
    delivery.follow(answering, departures.watch(request, delivery::clientGone));
  }
}

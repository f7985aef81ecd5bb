package io.mimir.plugin.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.service.Publishers;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;

/** Whose signatures of plugins count. */
@Path("settings/plugins/publishers")
@RequestScoped
@Produces(APPLICATION_JSON)
public class PublishersResource {

  @EJB Publishers publishers;

  /** What a client sends. */
  public record PublisherForm(
      String name,
      String kind,
      String publicKey,
      String namePattern,
      Instant validFrom,
      Instant validUntil) {}

  /** What a client sees; the key itself is public. */
  public record PublisherView(
      String id,
      String name,
      String kind,
      String fingerprint,
      String publicKey,
      String namePattern,
      Instant validFrom,
      Instant validUntil,
      Instant revokedAt,
      Instant createdAt,
      String createdBy) {

    static PublisherView of(PluginPublisher publisher) {
      return new PublisherView(
          publisher.getId(),
          publisher.getName(),
          publisher.getKind(),
          publisher.getFingerprint(),
          publisher.getPublicKey(),
          publisher.getNamePattern(),
          publisher.getValidFrom(),
          publisher.getValidUntil(),
          publisher.getRevokedAt(),
          publisher.getCreatedAt(),
          publisher.getCreatedBy());
    }
  }

  @GET
  public List<PublisherView> list() {
    return publishers.all().stream().map(PublisherView::of).toList();
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response add(PublisherForm form, @Context UriInfo uri) {
    PublisherForm sent = Bodies.required(form);
    PluginPublisher added =
        publishers.add(
            new Publishers.NewPublisher(
                sent.name(),
                sent.kind(),
                sent.publicKey(),
                sent.namePattern(),
                sent.validFrom(),
                sent.validUntil()));
    return Response.created(Bodies.relative(uri, added.getId()))
        .entity(PublisherView.of(added))
        .build();
  }

  @DELETE
  @Path("{id}")
  public Done revoke(@PathParam("id") String id) {
    publishers.revoke(id);
    return new Done(id, "Publisher revoked: nothing that it signed is started any more");
  }
}

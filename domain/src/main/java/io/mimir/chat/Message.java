package io.mimir.chat;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.llm.Prompt.Speaker;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply.Usage;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import java.time.Instant;

/** One thing said in a conversation. It is never changed. */
@Entity
@Table(name = "messages")
@NamedQuery(
    name = Message.OF_CONVERSATION,
    query = "select m from Message m where m.conversationId = :conversation order by m.position")
public class Message {

  public static final String OF_CONVERSATION = "Message.ofConversation";

  /** The longest string that the API takes, in UTF-16 units. */
  public static final int LONGEST = 64 * 1024;

  @Id private String id = Ids.random("msg_");

  @Column(name = "conversation_id", nullable = false, updatable = false)
  private String conversationId;

  @Column(nullable = false, updatable = false)
  private int position;

  @Column(nullable = false, updatable = false)
  private Speaker role;

  @Column(nullable = false, updatable = false)
  private String content;

  @Column(updatable = false)
  private String model;

  @Column(updatable = false)
  private Provider provider;

  @Column(name = "key_name", updatable = false)
  private String keyName;

  @Column(name = "input_tokens", updatable = false)
  private Long inputTokens;

  @Column(name = "output_tokens", updatable = false)
  private Long outputTokens;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  protected Message() {}

  private Message(
      String conversationId, int position, Speaker role, String content, Instant createdAt) {
    this.conversationId = requireNonNull(conversationId);
    this.position = position;
    this.role = role;
    this.content = requireNonNull(content);
    this.createdAt = requireNonNull(createdAt);
  }

  /**
   * Who answered, and at what price.
   *
   * @param model as the provider names it
   * @param keyName the name that administrators gave the key
   */
  public record Source(Provider provider, String model, String keyName, Usage usage) {}

  /** What a person said; judged by {@link #check} before. */
  public static Message ofUser(String conversationId, int position, String text, Instant now) {
    return new Message(conversationId, position, Speaker.USER, text, now);
  }

  /** What a model answered, or as much of it as arrived. */
  public static Message ofAssistant(
      String conversationId, int position, String text, Source source, Instant now) {
    Message message = new Message(conversationId, position, Speaker.ASSISTANT, text, now);
    message.provider = source.provider();
    message.model = source.model();
    message.keyName = source.keyName();
    message.inputTokens = source.usage().inputTokens();
    message.outputTokens = source.usage().outputTokens();
    return message;
  }

  /**
   * The rule for what a person may say.
   *
   * @throws ProblemException MISSING_FIELD when it is blank, REFUSED when it is too long
   */
  public static String check(String text) {
    if (text == null || text.isBlank()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "message", "missing", "Write a message to send");
    }
    if (text.length() > LONGEST) {
      throw ProblemException.of(
          Problem.REFUSED,
          "message",
          "too_long",
          "A message may have at most %d characters".formatted(LONGEST));
    }
    return text;
  }

  public boolean isOfUser() {
    return role == Speaker.USER;
  }

  public String getId() {
    return id;
  }

  public String getConversationId() {
    return conversationId;
  }

  public int getPosition() {
    return position;
  }

  public Speaker getRole() {
    return role;
  }

  public String getContent() {
    return content;
  }

  /** Null for what a person said. */
  public String getModel() {
    return model;
  }

  /** Null for what a person said. */
  public Provider getProvider() {
    return provider;
  }

  /** Null for what a person said. */
  public String getKeyName() {
    return keyName;
  }

  public Usage getUsage() {
    return new Usage(inputTokens, outputTokens);
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Message other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}

package io.mimir.chat;

import static java.util.Objects.requireNonNull;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.llm.Provider;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What one account talks about with models. It belongs to that account alone. */
@Entity
@Table(name = "conversations")
@NamedQuery(
    name = Conversation.OF_ACCOUNT,
    query =
        "select c from Conversation c where c.accountId = :account"
            + " order by c.updatedAt desc, c.id desc")
@NamedQuery(
    name = Conversation.OF_ACCOUNT_BEFORE,
    query =
        "select c from Conversation c where c.accountId = :account and (c.updatedAt < :updated"
            + " or (c.updatedAt = :updated and c.id < :id)) order by c.updatedAt desc, c.id desc")
@NamedQuery(
    name = Conversation.PURGE,
    query = "delete from Conversation c where c.updatedAt < :oldest")
public class Conversation {

  public static final String OF_ACCOUNT = "Conversation.ofAccount";
  public static final String OF_ACCOUNT_BEFORE = "Conversation.ofAccountBefore";
  public static final String PURGE = "Conversation.purge";

  /** The title of a conversation in which nothing was said and that nobody named. */
  public static final String UNTITLED = "New conversation";

  private static final int LONGEST_TITLE = 200;
  private static final int LONGEST_DERIVED_TITLE = 60;
  private static final int LONGEST_SYSTEM_PROMPT = 32 * 1024;
  private static final String MODEL = "[\\x21-\\x7E]{1,200}";

  @Id private String id = Ids.random("conv_");

  @Column(name = "account_id", nullable = false, updatable = false)
  private String accountId;

  /** Null until somebody names it or says something. */
  private String title;

  @Column(name = "system_prompt")
  private String systemPrompt;

  @Column(name = "model_provider")
  private Provider modelProvider;

  @Column(name = "model_name")
  private String modelName;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  protected Conversation() {}

  /**
   * What can be chosen of a conversation; null members stay as they are, blank ones are emptied.
   *
   * @param title one line of at most 200 characters; when it is emptied, the first message gives it
   * @param systemPrompt at most 32768 characters
   * @param modelProvider for messages that name none themselves
   * @param modelName the provider's id of the model, for messages that name none themselves; when
   *     it is emptied, the provider goes with it
   */
  public record Wish(String title, String systemPrompt, Provider modelProvider, String modelName) {}

  /**
   * @throws ProblemException REFUSED with every field that is wrong
   */
  public Conversation(String accountId, Wish wish, Instant now) {
    this.accountId = requireNonNull(accountId);
    this.createdAt = requireNonNull(now);
    change(wish, now);
  }

  /**
   * @throws ProblemException REFUSED with every field that is wrong; nothing is changed then
   */
  public final void change(Wish wish, Instant now) {
    List<FieldError> errors = new ArrayList<>();
    String newTitle = wish.title() == null ? null : wish.title().strip();
    if (newTitle != null
        && (newTitle.length() > LONGEST_TITLE || newTitle.codePoints().anyMatch(c -> breaks(c)))) {
      errors.add(
          new FieldError(
              "title",
              "invalid",
              "Use at most %d characters in one line".formatted(LONGEST_TITLE)));
    }
    if (wish.systemPrompt() != null && wish.systemPrompt().length() > LONGEST_SYSTEM_PROMPT) {
      errors.add(
          new FieldError(
              "system_prompt",
              "too_long",
              "Use at most %d characters".formatted(LONGEST_SYSTEM_PROMPT)));
    }
    String newModel = wish.modelName() == null ? null : wish.modelName().strip();
    if (newModel != null && !newModel.isEmpty() && !newModel.matches(MODEL)) {
      errors.add(
          new FieldError(
              "model_name", "invalid", "Use a model id without spaces, up to 200 characters"));
    }
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    if (newTitle != null) {
      this.title = emptyToNull(newTitle);
    }
    if (wish.systemPrompt() != null) {
      this.systemPrompt = wish.systemPrompt().isBlank() ? null : wish.systemPrompt();
    }
    prefer(wish.modelProvider(), newModel);
    touch(now);
  }

  private void prefer(Provider provider, String model) {
    if (model != null && model.isEmpty()) {
      this.modelProvider = provider;
      this.modelName = null;
      return;
    }
    if (model != null) {
      // A model that is named anew without its provider must not inherit the other model's.
      this.modelName = model;
      this.modelProvider = provider;
    } else if (provider != null && provider != modelProvider) {
      this.modelProvider = provider;
      this.modelName = null;
    }
  }

  private static boolean breaks(int codePoint) {
    int type = Character.getType(codePoint);
    return Character.isISOControl(codePoint)
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  private static String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  /** Somebody said something: an unnamed conversation is named after it. */
  public void heard(String text, Instant now) {
    if (title == null) {
      title = titleOf(text);
    }
    touch(now);
  }

  /** A model answered: a conversation without a model stays with it. */
  public void answeredBy(Provider provider, String model, Instant now) {
    if (modelName == null) {
      modelProvider = provider;
      modelName = model;
    }
    touch(now);
  }

  /** The first line that says something, cut between words. */
  private static String titleOf(String text) {
    String line =
        text.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse(UNTITLED);
    StringBuilder clean = new StringBuilder();
    line.codePoints().map(c -> breaks(c) ? ' ' : c).forEach(clean::appendCodePoint);
    line = clean.toString().replaceAll("\\s+", " ").strip();
    if (line.codePointCount(0, line.length()) <= LONGEST_DERIVED_TITLE) {
      return line.isEmpty() ? UNTITLED : line;
    }
    String cut = line.substring(0, line.offsetByCodePoints(0, LONGEST_DERIVED_TITLE - 1));
    int space = cut.lastIndexOf(' ');
    return (space > LONGEST_DERIVED_TITLE / 2 ? cut.substring(0, space) : cut) + "…";
  }

  /** Marks that something happened here; never turns time back. */
  public final void touch(Instant now) {
    if (updatedAt == null || now.isAfter(updatedAt)) {
      this.updatedAt = requireNonNull(now);
    }
  }

  public boolean belongsTo(String account) {
    return accountId.equals(account);
  }

  public String getId() {
    return id;
  }

  public String getAccountId() {
    return accountId;
  }

  public String getTitle() {
    return title == null ? UNTITLED : title;
  }

  /** Null when there is none. */
  public String getSystemPrompt() {
    return systemPrompt;
  }

  /** Null when none was chosen. */
  public Provider getModelProvider() {
    return modelProvider;
  }

  /** Null when none was chosen. */
  public String getModelName() {
    return modelName;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getUpdatedAt() {
    return updatedAt;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Conversation other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}

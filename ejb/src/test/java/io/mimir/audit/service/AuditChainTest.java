package io.mimir.audit.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.Change;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.Verification.Finding;
import io.mimir.audit.service.Verification.Kind;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody does to the log with the file of the database is found, and named (T90). */
class AuditChainTest {

  private static final int EVENTS = 12;

  private AuditedDatabase database;

  @BeforeEach
  void open() throws Exception {
    database = AuditedDatabase.fresh();
    database.start();
    database.write(EVENTS);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private Verification verify() throws Exception {
    return database.verify();
  }

  private static List<String> kinds(Verification found) {
    return found.findings().stream().map(Finding::kind).toList();
  }

  private static Finding only(Verification found) {
    assertThat(found.intact()).isFalse();
    assertThat(found.findings()).hasSize(1);
    return found.findings().get(0);
  }

  @Test
  void aLogThatNobodyTouchedIsIntact() throws Exception {
    Verification found = verify();

    assertThat(found.findings()).isEmpty();
    assertThat(found.intact()).isTrue();
    assertThat(found.events()).isEqualTo(EVENTS + 1).as("with the event that begins the chain");
    assertThat(found.heads()).containsExactly(database.head().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id",
        "at",
        "actor",
        "address",
        "action",
        "target",
        "target_id",
        "target_name",
        "outcome",
        "changes",
        "request_id",
        "previous_seal",
        "seal"
      })
  void aFieldOfAnyEventThatWasChangedIsNamed(String field) throws Exception {
    for (int position = 1; position <= EVENTS + 1; position++) {
      String value =
          database.text("select " + field + " from audit_events where position = " + position);
      String other = field.equals("at") ? "2001-02-03 04:05:06.007" : value + "x";
      database.withoutGuards(
          "update audit_events set %s = '%s' where position = %d"
              .formatted(field, other, position));

      Finding finding = only(verify());
      assertThat(finding.kind()).isEqualTo(Kind.CHANGED.wire());
      assertThat(finding.position()).isEqualTo(position);
      assertThat(finding.eventId())
          .isEqualTo(database.text("select id from audit_events where position = " + position));

      String before = value.isEmpty() && !database.wasEmpty() ? "null" : "'" + value + "'";
      database.withoutGuards(
          "update audit_events set %s = %s where position = %d".formatted(field, before, position));
      assertThat(verify().intact()).as("put back").isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"address", "target", "changes", "request_id", "seal", "previous_seal", "at"})
  void aFieldThatWasEmptiedIsNamed(String field) throws Exception {
    database.withoutGuards("update audit_events set %s = '' where position = 5".formatted(field));

    assertThat(only(verify()).position()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "99", "'5x'", "-5", "3"})
  void anEventThatWasMovedIsNamedAndSoIsItsPlace(String position) throws Exception {
    database.withoutGuards(
        "drop index audit_events_by_position",
        "update audit_events set position = %s where position = 6".formatted(position));

    Verification found = verify();
    assertThat(kinds(found)).containsExactlyInAnyOrder(Kind.INSERTED.wire(), Kind.MISSING.wire());
    assertThat(found.findings())
        .filteredOn(each -> each.kind().equals(Kind.MISSING.wire()))
        .allMatch(each -> each.position() == 6 && each.lastPosition() == 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "'node_other'"})
  void anEventThatWasMovedToAnotherChainIsNamed(String node) throws Exception {
    database.withoutGuards("update audit_events set node = %s where position = 6".formatted(node));

    assertThat(kinds(verify())).contains(Kind.INSERTED.wire(), Kind.MISSING.wire());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "6, 6", "4, 9"})
  void eventsThatWereDeletedAreNamed(int first, int last) throws Exception {
    database.withoutGuards(
        "delete from audit_events where position between %d and %d".formatted(first, last));

    Finding finding = only(verify());
    assertThat(finding.kind()).isEqualTo(Kind.MISSING.wire());
    assertThat(finding.position()).isEqualTo(first);
    assertThat(finding.lastPosition()).isEqualTo(last);
  }

  @Test
  void lastEventsThatWereDeletedAreNamed() throws Exception {
    database.withoutGuards("delete from audit_events where position > 10");

    Finding finding = only(verify());
    assertThat(finding.kind()).isEqualTo(Kind.END_MISSING.wire());
    assertThat(finding.position()).isEqualTo(11);
    assertThat(finding.lastPosition()).isEqualTo(EVENTS + 1);
  }

  @Test
  void lastEventsThatWereDeletedWithTheNoteOfTheEndAreNamedByTheFile() throws Exception {
    String older = database.headRow();
    database.write(3);
    database.withoutGuards(
        "delete from audit_events where position > " + (EVENTS + 1),
        "delete from audit_heads",
        older);

    Finding finding = only(verify());
    assertThat(finding.kind()).isEqualTo(Kind.END_MISSING.wire());
    assertThat(finding.position()).isEqualTo(EVENTS + 2);
    assertThat(finding.lastPosition()).isEqualTo(EVENTS + 4);
  }

  @Test
  void aNoteOfTheEndThatWasMadeUpIsNamed() throws Exception {
    database.withoutGuards(
        "delete from audit_events where position > 10",
        "update audit_heads set position = 10,"
            + " seal = (select seal from audit_events where position = 10)");

    assertThat(kinds(verify()))
        .containsExactlyInAnyOrder(Kind.HEAD_CHANGED.wire(), Kind.END_MISSING.wire());
  }

  @Test
  void allEventsThatWereDeletedAreNamed() throws Exception {
    database.withoutGuards("delete from audit_events", "delete from audit_heads");

    Finding finding = only(verify());
    assertThat(finding.kind()).isEqualTo(Kind.END_MISSING.wire());
    assertThat(finding.position()).isEqualTo(1);
    assertThat(finding.lastPosition()).isEqualTo(EVENTS + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "evt_zz, none, null",
    "evt_zz, own, 7",
    "evt_00, own, 7",
    "evt_00, own, 1",
    "evt_zz, own, 13",
    "evt_00, own, 13",
    "evt_zz, own, 14",
    "evt_zz, own, 900",
    "evt_zz, node_other, 1"
  })
  void anEventThatWasAddedIsNamedAndNoOther(String id, String node, String position)
      throws Exception {
    String where = node.equals("own") ? database.head().node() : node;
    database.withoutGuards(
        "drop index audit_events_by_position",
        "insert into audit_events (id, at, actor, action, outcome, node, position, previous_seal,"
            + " seal) values ('%s', '2026-01-01 00:00:00.000', 'ada', 'key.delete', 'success',"
                .formatted(id)
            + " nullif('%s', 'none'), %s, 'v1.x.y', 'v1.x.y')".formatted(where, position));

    // An end beyond the one that was noted is named as well.
    List<Finding> findings =
        verify().findings().stream()
            .filter(each -> !each.kind().equals(Kind.HEAD_CHANGED.wire()))
            .toList();
    assertThat(findings).hasSize(1);
    Finding finding = findings.get(0);
    assertThat(finding.kind()).isEqualTo(Kind.INSERTED.wire());
    assertThat(finding.eventId()).isEqualTo(id);
  }

  @Test
  void anEventThatWasCopiedIsNamed() throws Exception {
    database.withoutGuards(
        "drop index audit_events_by_position",
        "insert into audit_events select 'evt_copy', at, actor, address, action, target, outcome,"
            + " request_id, target_id, target_name, changes, node, position, previous_seal, seal"
            + " from audit_events where position = 4");

    assertThat(only(verify()).eventId()).isEqualTo("evt_copy");
  }

  @Test
  void anEventThatTookThePlaceOfAnotherIsNamed() throws Exception {
    database.withoutGuards(
        "insert or replace into audit_events select id, at, 'mallory', address, action, target,"
            + " outcome, request_id, target_id, target_name, changes, node, position,"
            + " previous_seal, seal from audit_events where position = 4");

    assertThat(only(verify()).position()).isEqualTo(4);
  }

  @Test
  void twoEventsThatChangedPlacesAreNamed() throws Exception {
    database.withoutGuards(
        "update audit_events set position = -1 where position = 4",
        "update audit_events set position = 4 where position = 5",
        "update audit_events set position = 5 where position = -1");

    assertThat(verify().findings()).extracting(Finding::position).containsExactly(4L, 5L);
  }

  @Test
  void twoEventsThatChangedTheirWordsAreNamed() throws Exception {
    String[] words = {database.words(4), database.words(8)};
    database.withoutGuards(
        "update audit_events set " + words[1] + " where position = 4",
        "update audit_events set " + words[0] + " where position = 8");

    assertThat(verify().findings()).extracting(Finding::position).containsExactly(4L, 8L);
  }

  @Test
  void eventsOfAnotherPastOfThisLogAreNamed() throws Exception {
    byte[] copy = database.copy();
    database.write(4);
    List<String> present = database.dump("position > " + (EVENTS + 1));
    database.replaceWith(copy);
    database.deleteHeadFile();
    database.start();
    database.write(8);
    // The same places were given twice: some events of the one past are put into the other.
    database.withoutGuards(
        "delete from audit_events where position = " + (EVENTS + 4), present.get(2));

    assertThat(kinds(verify())).contains(Kind.EXCHANGED.wire());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update audit_events set actor = 'x' where position = 3",
        "delete from audit_events where position = 3",
        "insert or replace into audit_events (id, at, actor, action, outcome)"
            + " select id, at, 'x', action, outcome from audit_events where position = 3",
        "insert or replace into audit_events (rowid, id, at, actor, action, outcome)"
            + " select rowid, 'evt_new', at, 'x', action, outcome from audit_events where position = 3",
        "insert or replace into audit_events (id, at, actor, action, outcome, node, position)"
            + " select 'evt_new', at, 'x', action, outcome, node, position from audit_events where"
            + " position = 3",
        "replace into audit_events select * from audit_events where position = 3",
        "update or replace audit_events set id = 'x' where position = 3"
      })
  void theTableRefusesWhatIsNoAddition(String statement) throws Exception {
    assertThatThrownBy(() -> database.execute(statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("audit events are never");
    assertThat(verify().intact()).isTrue();
  }

  @Test
  void guardsThatWereDroppedAreNamedAndSoAreThoseThatWereMadeOtherwise() throws Exception {
    database.execute("drop trigger audit_events_no_delete");
    assertThat(only(verify()).kind()).isEqualTo(Kind.GUARDS_MISSING.wire());

    database.execute(
        "create trigger audit_events_no_delete before delete on audit_events begin select 1; end");
    assertThat(only(verify()).kind()).isEqualTo(Kind.GUARDS_MISSING.wire());

    database.start();
    Finding finding = only(verify());
    assertThat(finding.kind()).as("made anew, and not forgotten").isEqualTo("guards_missing");
    assertThat(finding.eventId()).isNotNull();
  }

  @Test
  void aFileOfTheEndThatIsGoneOrMadeUpIsNamedNowAndAfterTheNextStart() throws Exception {
    database.deleteHeadFile();
    assertThat(only(verify()).kind()).isEqualTo(Kind.HEAD_FILE_MISSING.wire());
    database.start();
    assertThat(only(verify()).kind()).isEqualTo(Kind.HEAD_FILE_MISSING.wire());

    String file = Files.readString(database.headFile());
    Files.writeString(database.headFile(), file.replace("/14/", "/10/"));
    assertThat(kinds(verify())).contains(Kind.HEAD_FILE_CHANGED.wire());
    database.start();
    assertThat(kinds(verify()))
        .containsExactly(Kind.HEAD_FILE_MISSING.wire(), Kind.HEAD_FILE_CHANGED.wire());
  }

  @Test
  void theNoteInTheDatabaseIsNoFileOfTheEnd() throws Exception {
    String[] head =
        database
            .text("select node||'/'||position||'/'||seal||' '||head_seal from audit_heads")
            .split(" ");
    Files.writeString(
        database.headFile(), "mimir audit head v1\n" + head[0] + "\n" + head[1] + "\n");

    assertThat(only(verify()).kind()).isEqualTo(Kind.HEAD_FILE_CHANGED.wire());
  }

  @Test
  void anOlderCopyThatTookTheDatabasesPlaceStaysNamed() throws Exception {
    byte[] older = database.copy();
    database.write(5);
    database.replaceWith(older);
    assertThat(only(verify()).kind()).isEqualTo(Kind.END_MISSING.wire());

    database.start();
    database.write(2);

    Finding finding = only(verify());
    assertThat(finding.kind()).isEqualTo(Kind.MISSING.wire());
    assertThat(finding.position()).isEqualTo(EVENTS + 2);
    assertThat(finding.lastPosition()).isEqualTo(EVENTS + 6);
  }

  @Test
  void aRestoreIsNoLossButIsTold() throws Exception {
    byte[] backup = database.copy();
    ChainHead atBackup = database.head();
    database.write(5);
    ChainHead replaced = database.head();
    database.replaceWith(backup);

    database.restored(Instant.parse("2026-01-31T08:00:00Z"));
    database.start();
    database.write(3);

    Verification found = verify();
    assertThat(found.findings()).isEmpty();
    assertThat(found.restores())
        .singleElement()
        .satisfies(
            restore -> {
              assertThat(restore.backupAt()).isEqualTo("2026-01-31T08:00:00Z");
              assertThat(restore.head()).isEqualTo(atBackup.toString());
              assertThat(restore.replaced()).isEqualTo(replaced.toString());
              assertThat(restore.eventsGone()).isEqualTo(5);
              assertThat(restore.actor()).isEqualTo("operator");
            });
  }

  @Test
  void aRestoreOnAnotherMachineGoesOnWithTheChain() throws Exception {
    database.deleteHeadFile();

    database.restored(Instant.EPOCH);
    database.start();

    Verification found = verify();
    assertThat(found.intact()).isTrue();
    assertThat(found.restores()).hasSize(1);
    assertThat(found.heads()).hasSize(1);
  }

  @Test
  void aRestoreExcusesNothingElse() throws Exception {
    byte[] backup = database.copy();
    database.write(5);
    database.replaceWith(backup);
    database.restored(Instant.EPOCH);
    database.withoutGuards("delete from audit_events where position = " + (EVENTS + 1));

    assertThat(only(verify()).kind()).isEqualTo(Kind.MISSING.wire());
  }

  @Test
  void anEndThatWasWrittenDownOutsideIsLookedFor() throws Exception {
    ChainHead written = database.head();
    database.write(2);
    assertThat(database.verify(written).intact()).isTrue();

    ChainHead other = new ChainHead(written.node(), 5, written.seal());
    assertThat(only(database.verify(other)).position()).isEqualTo(5);
    ChainHead ahead = new ChainHead(written.node(), 40, written.seal());
    assertThat(only(database.verify(ahead)).kind()).isEqualTo(Kind.END_MISSING.wire());
    ChainHead gone = new ChainHead("node_gone", 3, written.seal());
    assertThat(only(database.verify(gone)).kind()).isEqualTo(Kind.END_MISSING.wire());
  }

  @Test
  void aTransactionThatIsRolledBackLeavesNoGap() throws Exception {
    ChainHead before = database.head();
    database.writeAndRollBack();
    assertThat(database.head()).isEqualTo(before);
    database.write(1);

    assertThat(verify().intact()).isTrue();
  }

  @Test
  void manyWritersAtOnceKeepOneOrder() throws Exception {
    database.writeFromThreads(8, 25);

    Verification found = verify();
    assertThat(found.findings()).isEmpty();
    assertThat(found.events()).isEqualTo(EVENTS + 1 + 8 * 25);
  }

  @Test
  void anEndThatIsCutOffWhileTheServerRunsStaysAGap() throws Exception {
    database.withoutGuards(
        "delete from audit_events where position > 10", "update audit_heads set position = 10");
    database.write(2);

    assertThat(verify().findings())
        .anyMatch(
            each ->
                each.kind().equals(Kind.MISSING.wire())
                    && each.position() == 11
                    && each.lastPosition() == EVENTS + 1);
  }

  @Test
  void whatWasThereBeforeIsTakenIn() throws Exception {
    try (AuditedDatabase old = AuditedDatabase.fresh()) {
      old.addOfBefore(7);
      old.start();
      old.write(2);

      Verification found = old.verify();
      assertThat(found.findings()).isEmpty();
      assertThat(found.eventsBefore()).isEqualTo(7);
      assertThat(found.events()).isEqualTo(7 + 1 + 2);
      assertThat(found.chainSince()).isNotNull();

      old.withoutGuards("update audit_events set actor = 'x' where position = 3");
      assertThat(only(old.verify()).position()).isEqualTo(3);
    }
  }

  @Test
  void aStartThatWasBrokenOffBeforeTheChainBeganIsNoLoss() throws Exception {
    try (AuditedDatabase old = AuditedDatabase.fresh()) {
      old.writeHeadFile(ChainHead.begin("node_abc"));
      old.start();

      assertThat(old.verify().intact()).isTrue();
      assertThat(old.head().node()).isEqualTo("node_abc");
    }
  }

  @Test
  void tenThousandEventsAreVerifiedInSeconds() throws Exception {
    database.writeInOneTransaction(10_000);

    Instant begin = Instant.now();
    assertThat(verify().intact()).isTrue();
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aCopyOutsideSaysWhatTheLogSaid() throws Exception {
    database.writeInOneTransaction(2_500);
    List<String> copy = database.export();
    assertThat(copy).hasSize(EVENTS + 1 + 2_500);

    assertThat(database.verifyCopy(copy).intact()).isTrue();

    copy.set(7, copy.get(7).replace("\"ada\"", "\"eve\""));
    assertThat(only(database.verifyCopy(copy)).position()).isEqualTo(8);
    copy.remove(7);
    assertThat(only(database.verifyCopy(copy)).kind()).isEqualTo(Kind.MISSING.wire());
  }

  @Test
  void changesAreToldAndSecretsAreNot() {
    String stored =
        ChangesJson.write(
            List.of(
                new Change("weight", 1, 5),
                new Change("models", null, List.of("a", "b")),
                Change.ofSecret("key_value")));

    assertThat(stored)
        .isEqualTo(
            "[{\"field\":\"weight\",\"old\":1,\"new\":5},"
                + "{\"field\":\"models\",\"old\":null,\"new\":[\"a\",\"b\"]},"
                + "{\"field\":\"key_value\",\"old\":null,\"new\":null}]");
    assertThat(ChangesJson.read(stored)).hasSize(3);
    assertThat(Optional.ofNullable(ChangesJson.write(List.of()))).isEmpty();
    assertThat(ChangesJson.read("no JSON")).isEmpty();
  }

  @Test
  void anEventSaysWhatItWasDoneToInPartsAndWhole() {
    AuditEvent event =
        AuditEvent.now(
            new AuditEvent.Actor("ada", "::1", "r"),
            "key.create",
            AuditEvent.Target.of("key_1", "my\nkey"),
            Outcome.SUCCESS,
            null);

    assertThat(event.getTarget()).isEqualTo("key_1 my\uFFFDkey");
    assertThat(event.getTargetId()).isEqualTo("key_1");
    assertThat(event.getTargetName()).isEqualTo("my\uFFFDkey");
  }
}

package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import jakarta.ejb.EJBException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProviderObjectsTest {

  private final ObjectStoreDouble store = new ObjectStoreDouble();
  private final ProviderObjects objects = objects(store);

  static ProviderObjects objects(ProviderObjectStore store) {
    ProviderObjects objects = new ProviderObjects();
    objects.store = store;
    return objects;
  }

  private ProviderObject response(int i) {
    return objects.made("resp_" + i, "key_1", "usr_ann", ObjectKind.RESPONSE);
  }

  @Test
  void aResponseIsKnownAtOnceAndWrittenLater() {
    objects.addLater(response(1));

    assertThat(store.rows()).isEmpty();
    assertThat(objects.find("resp_1", "usr_ann")).hasSize(1);
    assertThat(objects.find("resp_1", "usr_bob")).as("to nobody else yet").isEmpty();

    objects.write();

    assertThat(store.rows()).hasSize(1);
    assertThat(objects.find("resp_1", "usr_bob")).hasSize(1);
  }

  @Test
  void whatCannotBeWrittenIsTriedAgain() {
    store.fail(true);
    objects.addLater(response(1));
    objects.write();
    assertThat(objects.find("resp_1", "usr_ann")).hasSize(1);

    store.fail(false);
    objects.write();

    assertThat(store.rows()).hasSize(1);
  }

  @Test
  void thousandsAreWrittenInPieces() {
    IntStream.range(0, 2_500).forEach(i -> objects.addLater(response(i)));

    objects.write();

    assertThat(store.rows()).hasSize(2_500);
    assertThat(store.writes()).isEqualTo(3);
  }

  @Test
  void memoryHasAnEndWhileTheDatabaseIsAway() {
    store.fail(true);
    IntStream.range(0, 100_010).forEach(i -> objects.addLater(response(i)));

    store.fail(false);
    objects.write();

    assertThat(store.rows()).hasSize(100_000);
  }

  @Test
  void aFileThatIsNotWrittenIsAnError() {
    store.fail(true);
    ProviderObject file = objects.made("file-1", "key_1", "usr_ann", ObjectKind.FILE);

    assertThatThrownBy(() -> objects.add(List.of(file))).isInstanceOf(EJBException.class);
  }

  @Test
  void whatIsDeletedIsForgottenBeforeItWasWritten() {
    objects.addLater(response(1));

    objects.remove("resp_1", "usr_ann");
    objects.write();

    assertThat(store.rows()).isEmpty();
  }
}

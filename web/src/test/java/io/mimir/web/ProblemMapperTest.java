package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.ejb.AccessLocalException;
import jakarta.ejb.EJBAccessException;
import jakarta.ejb.EJBException;
import jakarta.faces.FacesException;
import jakarta.servlet.ServletException;
import jakarta.transaction.SystemException;
import java.sql.SQLException;
import javax.transaction.xa.XAException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What failures below the API are to a client. */
class ProblemMapperTest {

  private static void isAboutTheStorage(Exception failure) {
    ProblemException problem = ProblemMapper.problemOf(failure);
    assertThat(problem.problem()).isEqualTo(Problem.STORAGE_UNAVAILABLE);
    assertThat(problem.retryAfter()).isPresent();
  }

  @Test
  void aStatementThatFailedIsAboutTheStorage() {
    isAboutTheStorage(new EJBException(new IllegalStateException(new SQLException("full"))));
  }

  /** As the server's transactions tell it: what the database said is a text in theirs. */
  @Test
  void soIsACommitThatFailed() {
    SystemException system = new SystemException();
    system.initCause(new XAException("full"));
    EJBException failure = new EJBException("Unable to complete the transaction");
    failure.initCause(system);

    isAboutTheStorage(failure);
  }

  /** Two who choose one name at the same moment both find it free. */
  @ParameterizedTest
  @CsvSource({
    "'api_keys.provider, api_keys.name', name",
    "accounts.username_key, username",
    "plugins.name, name"
  })
  void aNameThatWasTakenMeanwhileIsTaken(String columns, String field) {
    SQLException failure =
        new SQLiteException(
            "A UNIQUE constraint failed (UNIQUE constraint failed: " + columns + ")",
            SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE);

    ProblemException problem =
        ProblemMapper.problemOf(new EJBException(new IllegalStateException(failure)));

    assertThat(problem.problem()).isEqualTo(Problem.NAME_TAKEN);
    assertThat(problem.errors()).extracting(FieldError::field).containsExactly(field);
  }

  @Test
  void anotherConstraintIsNotAboutAName() {
    isAboutTheStorage(
        new EJBException(
            new IllegalStateException(
                new SQLiteException(
                    "UNIQUE constraint failed: messages.conversation_id, messages.position",
                    SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE))));
  }

  @Test
  void whatAProblemSaysIsSaid() {
    ProblemException problem = new ProblemException(Problem.FORBIDDEN, "No");

    assertThat(ProblemMapper.problemOf(new EJBException(problem))).isSameAs(problem);
  }

  @Test
  void whatIsNotUnderstoodIsUnexpected() {
    assertThat(ProblemMapper.problemOf(new IllegalStateException()).problem())
        .isEqualTo(Problem.UNEXPECTED);
  }

  /** As beans say it to their callers, and as a page that was being built passes it on. */
  @Test
  void whatABeanRefusesForTheCallersRolesIsForbiddenAndNoFaultOfTheServer() {
    for (Exception refusal :
        new Exception[] {
          new EJBAccessException("Client not authorized"),
          new AccessLocalException("Client not authorized"),
          new ServletException(new FacesException(new EJBAccessException("Client not authorized")))
        }) {
      assertThat(ProblemMapper.isDenial(refusal)).isTrue();
      assertThat(ProblemMapper.problemOf(refusal).problem()).isEqualTo(Problem.FORBIDDEN);
    }
    assertThat(ProblemMapper.isDenial(new EJBException(new IllegalStateException()))).isFalse();
  }
}

package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

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

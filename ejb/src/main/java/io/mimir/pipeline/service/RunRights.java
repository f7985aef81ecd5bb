package io.mimir.pipeline.service;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.security.Role;
import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Whose rights a run has: looked up at each step, because they may have been taken away. */
@ApplicationScoped
public class RunRights {

  @Inject SignIn signIn;
  @Inject AccessTokens tokens;

  /**
   * Returns whoever a run works for.
   *
   * @throws StepFailure forbidden when the account or the token is not what it was
   */
  Identity of(RunFacts run) throws StepFailure {
    Optional<Identity> identity =
        run.tokenId() == null ? signIn.account(run.accountId()) : tokens.identityOf(run.tokenId());
    return identity
        .filter(one -> one.has(Role.USER))
        .orElseThrow(
            () ->
                StepFailure.lasting(
                    "forbidden",
                    run.tokenId() == null
                        ? "The account that this run works for may not run pipelines any more"
                        : "The access token that this run works for is revoked or has expired"));
  }

  /** Whether somebody may run a pipeline. */
  static boolean mayRun(Identity who, Pipeline pipeline) {
    return pipeline.isShared() || pipeline.belongsTo(who.accountId()) || who.has(Role.ADMIN);
  }
}

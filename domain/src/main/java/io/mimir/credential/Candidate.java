package io.mimir.credential;

import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import java.time.Instant;

/**
 * A secret that may take the place of a key's own: a share of the calls is made with it until it
 * has proven itself.
 *
 * @param context what the sealed secret is bound to; another one than that of the key's own secret
 * @param hint what may be shown of it
 * @param share how many of a hundred calls are made with it
 * @param calls how many calls have to succeed
 * @param since when the rotation began
 * @param by who began it
 */
public record Candidate(
    SealedSecret sealed,
    SealContext context,
    String hint,
    int share,
    int calls,
    Instant since,
    String by) {}

package io.mimir.security;

/** What version 1 sealed, with keys that were made for this and protect nothing. */
final class Frozen {

  static final String WRAPPED_SEAL_KEY =
      "v1.a256gcm.24da2daf.6pQ93OVWdghqYa-L.yx1QcZYQ6Jj1J0-hvPOXeoMfbH6O2fonGepfKBDidcBuK9pyOMCY4Njfbiri-u29";

  static final String WRAPPED_MAC_KEY =
      "v1.a256gcm.24da2daf.FhfHv--cnndRIrx7.UhAjqg7q1e_OyzCEBdY5l-Jz6Ok0OHt82cB13tGEf-dTpwdhWeGrzzvp4WYqYqpA";

  static final String SEALED =
      "v1.a256gcm.dk_seal.El7mhvOMQoRHbrch.mNBno9Ivt8cVTKg9ARv4LbLiUiPl5TESgx2PSSxdWoEG";

  private Frozen() {}
}

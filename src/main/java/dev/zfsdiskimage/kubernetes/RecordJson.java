package dev.zfsdiskimage.kubernetes;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.zfsdiskimage.guest.Progress.Outcome;
import java.util.Optional;

/** How what the operator keeps in the cluster is written as JSON. */
final class RecordJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .findAndAddModules()
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .addMixIn(Outcome.class, OutcomeKinds.class)
          .build();

  private RecordJson() {}

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what the operator keeps is always writable as JSON", e);
    }
  }

  /** What the text says; empty when it is none of ours, is cut, or is a newer operator's. */
  static <T> Optional<T> read(String json, Class<T> kind) {
    try {
      return json == null ? Optional.empty() : Optional.ofNullable(JSON.readValue(json, kind));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Outcome.Unknown.class, name = "unknown"),
    @JsonSubTypes.Type(value = Outcome.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = Outcome.Panicked.class, name = "panicked")
  })
  private interface OutcomeKinds {}
}

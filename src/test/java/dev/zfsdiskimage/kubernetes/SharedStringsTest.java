package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SharedStringsTest {
  private static final String OBJECT =
      """
      {"kind": "ConfigMap", "apiVersion": "v1",
       "metadata": {"name": "one", "labels": {"app.kubernetes.io/managed-by": "an operator"}},
       "data": {"text": "%s", "none": null}}
      """;

  private final ObjectMapper mapper = new ObjectMapper();

  SharedStringsTest() {
    new SharedStrings().customize(mapper);
  }

  @Test
  void sameShortTextOfTwoObjectsIsOneInMemory() throws IOException {
    ConfigMap one = read("short");
    ConfigMap other = read("short");

    assertThat(other).isEqualTo(one);
    assertThat(label(other)).isSameAs(label(one));
    assertThat(other.getData().get("text")).isSameAs(one.getData().get("text")).isEqualTo("short");
    assertThat(other.getData()).containsEntry("none", null);
  }

  @Test
  void longTextStandsForItself() throws IOException {
    String text = "long ".repeat(100);

    assertThat(read(text).getData()).containsEntry("text", text);
    assertThat(read(text).getData().get("text")).isNotSameAs(read(text).getData().get("text"));
  }

  private ConfigMap read(String text) throws IOException {
    return mapper.readValue(OBJECT.formatted(text), ConfigMap.class);
  }

  private static String label(ConfigMap object) {
    return object.getMetadata().getLabels().get("app.kubernetes.io/managed-by");
  }
}

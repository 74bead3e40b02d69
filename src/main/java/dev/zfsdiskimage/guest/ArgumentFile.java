package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of {@code NAME.args}: NUL-terminated strings, as {@code mapfile -d ''} reads them. A
 * record list is a list in which the number of fields (decimal) stands before each record.
 */
final class ArgumentFile {
  private ArgumentFile() {}

  /**
   * The bytes of a plain list.
   *
   * @throws IllegalArgumentException when a string holds NUL, which no argument of a program can
   */
  static Bytes ofList(List<String> strings) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String string : strings) {
      if (string.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "a NUL character cannot be passed to a program; remove it from \""
                + string.replace("\0", "\\0")
                + "\"");
      }
      out.writeBytes(string.getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    return Bytes.of(out.toByteArray());
  }

  /** The bytes of a record list. */
  static Bytes ofRecords(List<List<String>> records) {
    List<String> strings = new ArrayList<>();
    for (List<String> fields : records) {
      strings.add(Integer.toString(fields.size()));
      strings.addAll(fields);
    }
    return ofList(strings);
  }

  /** The strings of a plain list. */
  static List<String> list(Bytes bytes) {
    byte[] content = bytes.toArray();
    List<String> strings = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == 0) {
        strings.add(new String(content, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    if (start != content.length) {
      throw new IllegalArgumentException("the last string has no NUL");
    }
    return strings;
  }

  /** The records of a record list. */
  static List<List<String>> records(Bytes bytes) {
    List<String> strings = list(bytes);
    List<List<String>> records = new ArrayList<>();
    int at = 0;
    while (at < strings.size()) {
      int end = at + 1 + Integer.parseInt(strings.get(at));
      if (end > strings.size()) {
        throw new IllegalArgumentException("record " + records.size() + " is cut");
      }
      records.add(List.copyOf(strings.subList(at + 1, end)));
      at = end;
    }
    return records;
  }
}

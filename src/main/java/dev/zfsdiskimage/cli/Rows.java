package dev.zfsdiskimage.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Text in columns, each as wide as its widest cell. */
final class Rows {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> rightAligned = new HashSet<>();

  Rows(String... heads) {
    rows.add(List.of(heads));
  }

  void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** Columns of numbers, counted from 0. */
  Rows rightAlign(int... columns) {
    for (int column : columns) {
      rightAligned.add(column);
    }
    return this;
  }

  /** Cuts the last column so that no line is wider than {@code width}, and marks the cut. */
  Rows fitLast(int width, String mark) {
    int last = rows.get(0).size() - 1;
    int before = 0;
    for (int column = 0; column < last; column++) {
      before += width(column) + GAP.length();
    }
    int room = Math.max(width - before, 1);
    for (int i = 0; i < rows.size(); i++) {
      String cell = rows.get(i).get(last);
      if (cell.length() > room) {
        List<String> cells = new ArrayList<>(rows.get(i));
        cells.set(last, cell.substring(0, room - 1) + mark);
        rows.set(i, cells);
      }
    }
    return this;
  }

  /** The rows, heads first, without trailing spaces. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        String pad = " ".repeat(width(column) - row.get(column).length());
        line.append(column == 0 ? "" : GAP)
            .append(rightAligned.contains(column) ? pad + row.get(column) : row.get(column) + pad);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}

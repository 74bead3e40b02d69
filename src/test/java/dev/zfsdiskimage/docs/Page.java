package dev.zfsdiskimage.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/** A Markdown file of the project, taken apart. */
record Page(
    Path file,
    List<Title> titles,
    List<Block> blocks,
    List<String> codeSpans,
    List<String> destinations,
    String text) {
  private static final Set<String> NOT_OURS = Set.of("target", "node_modules");

  /**
   * A heading.
   *
   * @param anchor as GitHub makes it
   * @param line from 1
   */
  record Title(int level, String words, String anchor, int line) {}

  /**
   * A fenced block of code.
   *
   * @param line of its fence, from 1
   */
  record Block(Path file, int line, String language, String text) {
    @Override
    public String toString() {
      return file + ":" + line;
    }
  }

  /** Every Markdown file of the project. */
  static List<Page> all() {
    List<Page> pages = new ArrayList<>();
    gather(Path.of(""), pages);
    return pages;
  }

  static Page of(Path file) {
    try {
      return parse(file, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    titles.forEach(title -> anchors.add(title.anchor()));
    return anchors;
  }

  /** The lines below a heading, up to the next one of the same or a higher level. */
  String section(Title title) {
    int end =
        titles.stream()
            .filter(next -> next.line() > title.line() && next.level() <= title.level())
            .mapToInt(next -> next.line() - 1)
            .findFirst()
            .orElse(Integer.MAX_VALUE);
    List<String> lines = text.lines().toList();
    return String.join("\n", lines.subList(title.line(), Math.min(end, lines.size())));
  }

  private static void gather(Path folder, List<Page> pages) {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        String name = entry.getFileName().toString();
        if (Files.isDirectory(entry)) {
          if (!name.startsWith(".") && !NOT_OURS.contains(name)) {
            gather(entry, pages);
          }
        } else if (name.endsWith(".md")) {
          pages.add(of(entry));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Page parse(Path file, String text) {
    Node document =
        Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build().parse(text);
    List<Title> titles = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    List<String> codeSpans = new ArrayList<>();
    List<String> destinations = new ArrayList<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Heading heading) {
            String words = words(heading);
            titles.add(new Title(heading.getLevel(), words, anchor(words, titles), line(heading)));
            visitChildren(heading);
          }

          @Override
          public void visit(FencedCodeBlock block) {
            String language = block.getInfo() == null ? "" : block.getInfo().strip();
            blocks.add(new Block(file, line(block), language, block.getLiteral()));
          }

          @Override
          public void visit(Code code) {
            codeSpans.add(code.getLiteral());
          }

          @Override
          public void visit(Link link) {
            destinations.add(link.getDestination());
            visitChildren(link);
          }

          @Override
          public void visit(Image image) {
            destinations.add(image.getDestination());
            visitChildren(image);
          }
        });
    return new Page(file, titles, blocks, codeSpans, destinations, text);
  }

  private static int line(Node node) {
    return node.getSourceSpans().get(0).getLineIndex() + 1;
  }

  private static String words(Node heading) {
    StringBuilder words = new StringBuilder();
    heading.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text text) {
            words.append(text.getLiteral());
          }

          @Override
          public void visit(Code code) {
            words.append(code.getLiteral());
          }
        });
    return words.toString();
  }

  /** Lower case, blanks as dashes, no punctuation; a number behind what is there already. */
  private static String anchor(String words, List<Title> before) {
    String plain =
        words.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    long same = before.stream().filter(title -> title.words().equals(words)).count();
    return same == 0 ? plain : plain + "-" + same;
  }
}

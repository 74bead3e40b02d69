package dev.zfsdiskimage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.cli.CommandModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the documentation tells a person to type is what the program takes. */
class CommandsTest {
  private static final CommandSpec ZDI = CommandModel.zdi().getCommandSpec();

  /** The launcher's own verb, which the program never sees. */
  private static final Map<String, Set<String>> OF_THE_LAUNCHER = Map.of("setup", Set.of("--for"));

  private static final Pattern IN_A_BLOCK =
      Pattern.compile("(?:^|[\\s(|])\\./zdi((?:[ \\t][^\\n]*)?)");
  private static final Pattern IN_A_SENTENCE = Pattern.compile("^(?:\\./)?zdi( .*)?$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|([^\\s\"']+)");

  /** What a list of commands has behind them. */
  private static final Pattern COLUMN = Pattern.compile(" {3,}");

  private static final Set<String> ENDS = Set.of("|", "||", "&&", ";", ">", ">>", "<", "&");

  @Test
  void everyCommandInABlockIsTakenAsItStands() {
    List<String> refused = new ArrayList<>();
    for (Page page : Page.all()) {
      for (Page.Block block : page.blocks()) {
        Matcher command = IN_A_BLOCK.matcher(block.text().replace("\\\n", " "));
        while (command.find()) {
          refusal(words(command.group(1))).ifPresent(why -> refused.add(block + ": " + why));
        }
      }
    }

    assertThat(refused).as("commands that zdi does not take").isEmpty();
  }

  @Test
  void everyVerbAndOptionInASentenceExists() {
    List<String> unknown = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String span : page.codeSpans()) {
        Matcher command = IN_A_SENTENCE.matcher(span);
        if (command.matches() && command.group(1) != null) {
          unknown(words(command.group(1)))
              .forEach(word -> unknown.add(page.file() + ": " + span + ": " + word));
        } else if (span.startsWith("--") && !isAnOption(span.split("[ =]", 2)[0])) {
          unknown.add(page.file() + ": " + span);
        }
      }
    }

    assertThat(unknown).as("verbs and options that zdi does not have").isEmpty();
  }

  @Test
  void everyVerbIsDocumented() {
    String commands =
        Page.all().stream()
            .flatMap(
                page ->
                    Stream.concat(
                        page.codeSpans().stream(), page.blocks().stream().map(Page.Block::text)))
            .collect(Collectors.joining("\n"));

    assertThat(ZDI.subcommands().keySet())
        .filteredOn(verb -> !Pattern.compile("\\bzdi " + verb + "\\b").matcher(commands).find())
        .as("verbs that no page speaks of")
        .isEmpty();
  }

  private static boolean isAnOption(String word) {
    return ZDI.subcommands().values().stream()
        .anyMatch(verb -> verb.getCommandSpec().optionsMap().containsKey(word));
  }

  private static Optional<String> refusal(List<String> words) {
    if (!words.isEmpty() && OF_THE_LAUNCHER.containsKey(words.get(0))) {
      return unknown(words).findFirst();
    }
    try {
      CommandLine.ParseResult parsed = CommandModel.zdi().parseArgs(words.toArray(String[]::new));
      boolean complete = parsed.hasSubcommand() || parsed.isUsageHelpRequested();
      return complete ? Optional.empty() : Optional.of("which command?");
    } catch (ParameterException e) {
      return Optional.of(String.join(" ", words) + ": " + e.getMessage());
    }
  }

  private static Stream<String> unknown(List<String> words) {
    CommandSpec command = ZDI;
    List<String> unknown = new ArrayList<>();
    Set<String> options = ZDI.optionsMap().keySet();
    boolean verbSeen = false;
    for (String word : words) {
      if (word.startsWith("-") && word.length() > 1) {
        if (!options.contains(word.split("=", 2)[0])) {
          unknown.add(word);
        }
      } else if (!verbSeen) {
        verbSeen = true;
        if (OF_THE_LAUNCHER.containsKey(word)) {
          options = OF_THE_LAUNCHER.get(word);
        } else if (command.subcommands().containsKey(word)) {
          options = command.subcommands().get(word).getCommandSpec().optionsMap().keySet();
        } else {
          unknown.add(word);
        }
      }
    }
    return unknown.stream();
  }

  /** The words of a shell command, up to where another one or a comment begins. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(COLUMN.split(line.strip(), 2)[0]);
    while (word.find()) {
      String plain = word.group(3);
      if (plain != null && (ENDS.contains(plain) || plain.startsWith("#"))) {
        break;
      }
      String text =
          Stream.of(word.group(1), word.group(2), plain)
              .filter(part -> part != null)
              .findFirst()
              .orElseThrow();
      boolean last = plain != null && (text.endsWith(")") || text.endsWith(";"));
      words.add(last ? text.substring(0, text.length() - 1) : text);
      if (last) {
        break;
      }
    }
    return words;
  }
}

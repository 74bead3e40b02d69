package dev.zfsdiskimage.cli;

/** What was handed to zdi cannot be used; all that is wrong with it is told at once. */
final class WrongInput extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ProblemList problems;

  WrongInput(ProblemList problems) {
    super(problems.file());
    this.problems = problems;
  }

  ProblemList problems() {
    return problems;
  }
}

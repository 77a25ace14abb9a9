package dev.burhan.server.operation;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * Whether nobody but the process's own user and root can change what lies in a folder: whoever can
 * put a jar there runs code as this process. The same rules as OpenSSH's StrictModes, and for the
 * same reason.
 */
final class FolderTrust {
  private static final String ROOT = "root";
  private static final int STICKY = 01000;

  private final UserPrincipal own;

  /**
   * Trust in a user's files.
   *
   * @param own the user that this process runs as
   */
  FolderTrust(UserPrincipal own) {
    this.own = own;
  }

  /** The user that owns what this process makes in a folder. */
  static FolderTrust ofProcess(Path scratch) {
    try {
      Path made = Files.createTempFile(scratch, "owner", null);
      try {
        return new FolderTrust(Files.getOwner(made));
      } finally {
        Files.delete(made);
      }
    } catch (IOException e) {
      throw new BurhanException("cannot write a file in " + scratch + ": " + e, e);
    }
  }

  /**
   * Checks a folder and all above it: who can write to one of those can put another in its place.
   *
   * @return the folder without links
   * @throws BurhanException if it is none, or somebody else may change it, and how to mend that
   */
  Path checkFolder(Path folder) {
    Path real;
    try {
      real = folder.toRealPath();
    } catch (IOException e) {
      throw new BurhanException(
          folder + ": there is no such folder to take bundles from; make it, for yourself only", e);
    }
    if (!Files.isDirectory(real)) {
      throw new BurhanException(folder + " should be a folder of bundles, and is none");
    }
    check(real, false);
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      check(above, true);
    }
    return real;
  }

  /**
   * Checks a jar in such a folder.
   *
   * @throws BurhanException if it is no plain file, or somebody else may change it
   */
  void checkFile(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BurhanException(
          file + " is not a plain file; a link would lead to a place that nobody checked");
    }
    check(file, false);
  }

  private void check(Path path, boolean shared) {
    PosixFileAttributes attributes;
    boolean sticky;
    try {
      attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      sticky =
          ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & STICKY) != 0;
    } catch (UnsupportedOperationException e) {
      throw new BurhanException(
          path
              + ": this system does not tell who may change it, so no bundle is taken from there; put bundles in bundle/",
          e);
    } catch (IOException e) {
      throw new BurhanException(path + ": cannot read who may change it: " + e, e);
    }
    UserPrincipal owner = attributes.owner();
    if (!owner.equals(own) && !owner.getName().equals(ROOT)) {
      throw new BurhanException(
          "%s belongs to %s, who could have this process (of %s) run any code; chown %s %s"
              .formatted(path, owner.getName(), own.getName(), own.getName(), path));
    }
    Set<PosixFilePermission> may = attributes.permissions();
    boolean others =
        may.contains(PosixFilePermission.GROUP_WRITE)
            || may.contains(PosixFilePermission.OTHERS_WRITE);
    if (others && !(shared && sticky)) {
      throw new BurhanException(
          "%s can be written by others, who could have this process run any code; chmod go-w %s"
              .formatted(path, path));
    }
  }
}

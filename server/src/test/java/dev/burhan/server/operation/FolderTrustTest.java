package dev.burhan.server.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose files may become code of this process. */
class FolderTrustTest {
  @TempDir Path temp;
  private Path folder;
  private FolderTrust trust;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temp.resolve("deploy"));
    permit(folder, "rwxr-xr-x");
    trust = FolderTrust.ofProcess(temp);
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private Path jar(String permissions) throws IOException {
    Path jar = Files.writeString(folder.resolve("some.jar"), "");
    permit(jar, permissions);
    return jar;
  }

  private static void refuses(Runnable check, String why) {
    String said = assertThrows(BurhanException.class, check::run).getMessage();
    assertTrue(said.contains(why), said);
  }

  @Test
  void ownFolderAndFileAreTaken() throws IOException {
    assertEquals(folder.toRealPath(), trust.checkFolder(folder));
    trust.checkFile(jar("rw-r--r--"));
  }

  @Test
  void folderBehindALinkIsTheOneThatIsChecked() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), folder);
    assertEquals(folder.toRealPath(), trust.checkFolder(link));
    permit(folder, "rwxrwxrwx");
    refuses(() -> trust.checkFolder(link), "chmod go-w " + folder.toRealPath());
  }

  @Test
  void whatOthersMayWriteIsRefused() throws IOException {
    Path jar = jar("rw-rw-r--");
    refuses(() -> trust.checkFile(jar), "chmod go-w " + jar);
    permit(folder, "rwxr-xrwx");
    refuses(() -> trust.checkFolder(folder), "chmod go-w");
  }

  @Test
  void folderBelowOneThatOthersMayRenameItInIsRefused() throws IOException {
    Path open = Files.createDirectory(temp.resolve("open"));
    permit(open, "rwxrwxrwx");
    Path below = Files.createDirectory(open.resolve("deploy"));
    permit(below, "rwx------");
    refuses(() -> trust.checkFolder(below), open.toRealPath() + " can be written by others");
    Files.setAttribute(open, "unix:mode", 01777); // as /tmp: only its owner may rename what is his
    trust.checkFolder(below);
  }

  @Test
  void linkInThePlaceOfAJarIsRefused() throws IOException {
    Path elsewhere = Files.writeString(temp.resolve("elsewhere.jar"), "");
    Path link = Files.createSymbolicLink(folder.resolve("some.jar"), elsewhere);
    refuses(() -> trust.checkFile(link), "not a plain file");
  }

  @Test
  void folderThatIsNotThereOrNoneIsRefused() throws IOException {
    refuses(() -> trust.checkFolder(temp.resolve("none")), "there is no such folder");
    Path file = jar("rw-r--r--");
    refuses(() -> trust.checkFolder(file), "should be a folder");
  }

  @Test
  void whatBelongsToAnotherUserIsRefused() throws IOException {
    UserPrincipal own = Files.getOwner(folder);
    UserPrincipal nobody =
        temp.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Path jar = jar("rw-r--r--");
    if (own.getName().equals("root")) { // may give files away; its own are taken by everybody
      Files.setOwner(jar, nobody);
      refuses(() -> trust.checkFile(jar), jar + " belongs to nobody");
    } else {
      FolderTrust others = new FolderTrust(nobody);
      refuses(() -> others.checkFile(jar), jar + " belongs to " + own.getName());
    }
  }
}

package dev.burhan.checkpoint;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.file.Path;

/**
 * Where a tensor lies. The format that made it has checked that {@code offset + bytes} lies within
 * the file and that {@code bytes} is what type and shape need.
 *
 * @param name as the file spells it
 * @param type storage type
 * @param shape outermost dimension first
 * @param file the file that holds it
 * @param offset first byte in that file
 * @param bytes length
 */
public record TensorInfo(
    String name, DataType type, Shape shape, Path file, long offset, long bytes) {}

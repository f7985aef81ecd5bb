package io.mimir.error;

/**
 * What is wrong with one field.
 *
 * @param field the name as the client sent it, in snake_case, with dots into nested objects
 * @param code a stable word in snake_case
 * @param message a sentence for people; never holds the value itself
 */
public record FieldError(String field, String code, String message) {}

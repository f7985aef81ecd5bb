package io.mimir.web;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.mimir.security.Secret;
import jakarta.annotation.security.DenyAll;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Singleton;
import jakarta.ejb.Stateless;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Entity;
import jakarta.ws.rs.Path;
import java.util.Set;

/** The rules R1 to R11 of docs/architecture.md; R5 is in {@link FeaturesTest}. */
@AnalyzeClasses(
    packages = "io.mimir",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoFixtures.class})
class ArchitectureTest {

  /** The fixtures of other modules come as jars, which the option for tests does not know. */
  static final class NoFixtures implements ImportOption {

    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String[] WEB = {"io.mimir..web..", "io.mimir.web.."};
  private static final String SERVICE = "io.mimir..service..";

  /** Beans that every call of a model passes through. */
  private static final Set<String> ON_EVERY_CALL =
      Set.of(
          "BodyRoom",
          "CallsInFlight",
          "Cors",
          "CorsConfig",
          "EgressClient",
          "Gateway",
          "GatewayCallers",
          "HttpMetrics",
          "KeyLimits",
          "KeyRing",
          "KeyUses",
          "ModelCatalog",
          "RoutingTableLoader",
          "SignIn",
          "StatefulCalls",
          "TokenLimits",
          "UpstreamCalls",
          "UpstreamMetrics",
          "UsageMeter");

  /** What is called once a start, once a stream, or where nobody waits for it. */
  private static final Set<String> SELDOM =
      Set.of(
          "start",
          "stop",
          "take",
          "await",
          "arrived",
          "cut",
          "hand",
          "executor",
          "runtime",
          "reload",
          "isReadable",
          "newFiles");

  /** A module of its own, which runs outside of the server as well. */
  private static final String KIT = "io.mimir.plugin.kit..";

  /** What is neither of the web module nor of the ejb module. */
  private static final DescribedPredicate<JavaClass> DOMAIN =
      describe(
          "domain classes",
          type ->
              type.getPackageName().startsWith("io.mimir")
                  && !resideInAnyPackage("io.mimir..web..", SERVICE, KIT).test(type));

  @ArchTest
  static final ArchRule weldCallsTheBeansOfEveryCallDirectly =
      methods()
          .that()
          .areDeclaredInClassesThat(
              describe("on every call", type -> ON_EVERY_CALL.contains(type.getSimpleName())))
          .and(describe("called by others on every call", ArchitectureTest::isCalledByOthers))
          .should(
              new ArchCondition<JavaMethod>("be public, with public types") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                  boolean direct =
                      method.getModifiers().contains(JavaModifier.PUBLIC)
                          && method.getRawReturnType().getModifiers().contains(JavaModifier.PUBLIC)
                          && method.getRawParameterTypes().stream()
                              .allMatch(type -> type.getModifiers().contains(JavaModifier.PUBLIC));
                  events.add(new SimpleConditionEvent(method, direct, method.getFullName()));
                }
              })
          .because("the client proxies of Weld reach all others by reflection, a microsecond each");

  @ArchTest
  static final ArchRule sharedBeansGetSessionBeansByInject =
      noFields()
          .that()
          .areDeclaredInClassesThat()
          .areAnnotatedWith(ApplicationScoped.class)
          .should()
          .beAnnotatedWith(EJB.class)
          .because(
              "fields with @EJB stay null when several threads of an executor make the bean at once");

  private static boolean isCalledByOthers(JavaMethod method) {
    return !method.getModifiers().contains(JavaModifier.STATIC)
        && !SELDOM.contains(method.getName())
        && method.getCallsOfSelf().stream()
            .anyMatch(call -> !call.getOriginOwner().equals(method.getOwner()));
  }

  @ArchTest
  static final ArchRule theKitKnowsJavaAndBouncyCastleOnly =
      classes()
          .that()
          .resideInAPackage(KIT)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(KIT, "java..", "org.bouncycastle..");

  @ArchTest
  static final ArchRule theDomainDoesNotKnowTheKit =
      noClasses().that(DOMAIN).should().dependOnClassesThat().resideInAPackage(KIT);

  @ArchTest
  static final ArchRule r1ServicesDoNotKnowTheWeb =
      noClasses()
          .that()
          .resideInAPackage(SERVICE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(WEB);

  @ArchTest
  static final ArchRule r1TheDomainKnowsNeitherServicesNorTheWeb =
      noClasses()
          .that(DOMAIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.mimir..web..", SERVICE);

  @ArchTest
  static final ArchRule r2TheDomainKnowsJavaAndPersistenceOnly =
      classes()
          .that(DOMAIN)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.mimir..",
              "java..",
              "javax.crypto..",
              "jakarta.persistence..",
              "jakarta.validation..",
              "jakarta.ejb..");

  @ArchTest
  static final ArchRule r2OfEjbTheDomainKnowsTheExceptionOnly =
      noClasses()
          .that(DOMAIN)
          .should()
          .dependOnClassesThat(
              describe(
                  "EJB types but ApplicationException",
                  type ->
                      type.getPackageName().startsWith("jakarta.ejb")
                          && !type.getSimpleName().equals("ApplicationException")));

  @ArchTest
  static final ArchRule r3ServicesKnowNoFacesServletOrJaxRsServer =
      noClasses()
          .that()
          .resideInAPackage(SERVICE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.faces..", "jakarta.servlet..", "jakarta.ws.rs.container..");

  @ArchTest
  static final ArchRule r4TheWebKnowsNoPersistence =
      noClasses()
          .that()
          .resideInAnyPackage(WEB)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.persistence..");

  @ArchTest
  static final ArchRule r6SessionBeansSitInServices =
      classes()
          .that()
          .areAnnotatedWith(Stateless.class)
          .or()
          .areAnnotatedWith(Singleton.class)
          .should()
          .resideInAPackage(SERVICE);

  @ArchTest
  static final ArchRule r6SessionBeansSayTheirRoles =
      classes()
          .that()
          .areAnnotatedWith(Stateless.class)
          .or()
          .areAnnotatedWith(Singleton.class)
          .should()
          .beAnnotatedWith(RolesAllowed.class)
          .orShould()
          .beAnnotatedWith(PermitAll.class)
          .orShould()
          .beAnnotatedWith(DenyAll.class);

  @ArchTest
  static final ArchRule r7SecretsAreRevealedInThreePlacesOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.mimir.security..", "io.mimir.llm.service..", "io.mimir.plugin.service..")
          .should(
              callMethodWhere(
                  JavaCall.Predicates.target(
                      describe(
                          "Secret.reveal()",
                          target ->
                              target.getOwner().isEquivalentTo(Secret.class)
                                  && target.getName().equals("reveal")))));

  @ArchTest
  static final ArchRule r8NoEntityLeavesOverHttp =
      methods()
          .that()
          .areDeclaredInClassesThat()
          .areAnnotatedWith(Path.class)
          .and()
          .arePublic()
          .should(
              new ArchCondition<JavaMethod>("return no entity, not even inside of a list") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                  method.getReturnType().getAllInvolvedRawTypes().stream()
                      .filter(type -> type.isAnnotatedWith(Entity.class))
                      .forEach(
                          type ->
                              events.add(
                                  SimpleConditionEvent.violated(
                                      method,
                                      method.getFullName() + " returns " + type.getName())));
                }
              });

  @ArchTest
  static final ArchRule r9LogsGoThroughTheSystemLogger =
      noClasses()
          .that(
              describe(
                  "not a data source, whose interface names that logger",
                  type -> !type.isAssignableTo(javax.sql.DataSource.class)))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.util.logging..");

  /** But for the command that people type. */
  @ArchTest
  static final ArchRule r9NoStandardStreams =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.mimir.plugin.kit.check..")
          .should(ACCESS_STANDARD_STREAMS);

  @ArchTest static final ArchRule r9NoGenericThrows = NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

  @ArchTest
  static final ArchRule r10SettingsAreReadInConfigClassesOnly =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Config")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.microprofile.config..");

  @ArchTest
  static final ArchRule r10TheEnvironmentIsReadInConfigClassesOnly =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Config")
          .should()
          .callMethod(System.class, "getenv")
          .orShould()
          .callMethod(System.class, "getenv", String.class);

  @ArchTest
  static final ArchRule r11NoNativeCodeInTheServer =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..")
          .orShould()
          .callMethod(System.class, "load", String.class)
          .orShould()
          .callMethod(System.class, "loadLibrary", String.class);
}
